import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linnet.errors import BundleFormatError
from linnet.postprocessing.scores import Head, Prediction

Floats = npt.NDArray[np.float32]

LABELS = ("negative", "neutral", "positive")
EXTREMES = [0.0, -0.0, 1e-30, 0.5, -0.5, 20.0, -20.0, 88.8, -88.8, 104.0, -104.0, 1e4, -1e4]
LOGITS = st.lists(
    st.lists(st.sampled_from(EXTREMES) | st.floats(-1e4, 1e4, width=32), min_size=3, max_size=3), min_size=1, max_size=5
).map(lambda rows: np.array(rows, dtype=np.float32))


def softmax(logits: Floats) -> npt.NDArray[np.float64]:
    exact = logits.astype(np.float64)
    powers = np.exp(exact - exact.max(axis=1)[:, None])
    return np.asarray(powers / powers.sum(axis=1)[:, None])


def sigmoid(logits: Floats) -> npt.NDArray[np.float64]:
    exact = logits.astype(np.float64)
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-exact)))


def scores(head: Head, logits: Floats) -> Floats:
    """The scores, made without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = head.scores(logits)
    assert found.dtype == np.float32
    assert found.shape == logits.shape
    assert np.isfinite(found).all()
    return found


@given(LOGITS)
def test_exclusive_labels_get_a_softmax(logits: Floats) -> None:
    found = scores(Head(LABELS), logits)
    np.testing.assert_allclose(found, softmax(logits), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


@given(LOGITS)
def test_labels_that_hold_together_get_a_sigmoid_each(logits: Floats) -> None:
    found = scores(Head(LABELS, "multi_label_classification"), logits)
    np.testing.assert_allclose(found, sigmoid(logits), rtol=1e-4, atol=1e-7)


@given(LOGITS)
def test_one_logit_gets_a_sigmoid(logits: Floats) -> None:
    column = logits[:, :1]
    np.testing.assert_allclose(scores(Head(("toxic",)), column), sigmoid(column), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("problem_type", [None, "single_label_classification", "multi_label_classification"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_row_gets_the_same_alone_as_in_a_batch_of_any_size(problem_type: str | None, count: int) -> None:
    head = Head(LABELS, problem_type)
    logits = np.array([[3, 1, 0], [-2, 5, 4], [0.5, 0.25, 7], [1, 1, 1]], dtype=np.float32)[:count]
    alone = [head.predictions(row[None])[0] for row in logits]
    assert head.predictions(logits) == alone
    assert [found.label for found in alone] == ["negative", "neutral", "positive", "negative"][:count]


def test_a_prediction_is_the_best_label_with_all_scores_in_order() -> None:
    (found,) = Head(LABELS).predictions(np.log(np.array([[1, 2, 5]], dtype=np.float32)))
    assert found.label == "positive"
    assert found.score == found.scores["positive"] == pytest.approx(0.625)
    assert list(found.scores) == list(LABELS)
    assert list(found.scores.values()) == pytest.approx([0.125, 0.25, 0.625])
    assert {type(score) for score in found.scores.values()} == {type(found.score)} == {float}


def test_a_single_logit_gives_its_label_whatever_the_score() -> None:
    low, high = Head(("toxic",)).predictions(np.array([[-9], [9]], dtype=np.float32))
    assert low.label == high.label == "toxic"
    assert low.score < 0.001 < 0.999 < high.score


def test_no_rows_are_no_predictions() -> None:
    assert Head(LABELS).predictions(np.empty((0, 3), dtype=np.float32)) == []


@pytest.mark.parametrize(
    ("labels", "problem_type", "exclusive"),
    [
        (LABELS, None, True),
        (LABELS, "single_label_classification", True),
        (LABELS, "multi_label_classification", False),
        (("toxic",), None, False),
        (("toxic",), "multi_label_classification", False),
    ],
)
def test_labels_exclude_each_other_when_they_are_several_and_single(
    labels: tuple[str, ...], problem_type: str | None, exclusive: bool
) -> None:
    assert Head(labels, problem_type).exclusive is exclusive


@pytest.mark.parametrize("problem_type", ["regression", "", "softmax", 3, ["single_label_classification"]])
def test_other_problem_types_are_refused_by_name(problem_type: Any) -> None:
    with pytest.raises(BundleFormatError) as caught:
        Head(LABELS, problem_type)
    assert repr(problem_type) in str(caught.value)


def test_one_logit_is_a_sigmoid_whatever_its_problem_type() -> None:
    head = Head(("spam",), "single_label_classification")
    assert not head.exclusive
    assert head.predictions(np.zeros((1, 1), dtype=np.float32))[0].score == 0.5


def test_results_cannot_be_changed() -> None:
    prediction: Any = Prediction("a", 1.0, {"a": 1.0})
    with pytest.raises(AttributeError):
        prediction.label = "b"
