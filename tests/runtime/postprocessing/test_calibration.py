"""Calibrated scores, and answers that are left out where the score is low."""

from typing import Any

import linnet
import numpy as np
import pytest
from linnet.errors import InputError
from linnet.postprocessing.calibration import Calibration, MinScore
from linnet.postprocessing.scores import Head

LABELS = ("negative", "neutral", "positive")
LOGITS = np.array([[2.0, 0.0, -1.0], [0.1, 0.0, 0.2], [-3.0, 1.0, 4.0]], dtype=np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1)[:, None])
    return np.asarray(powers / powers.sum(axis=1)[:, None])


def test_scores_are_those_of_the_divided_and_shifted_logits() -> None:
    head = Head(LABELS, calibration=Calibration(2.5, {"neutral": 0.75, "positive": -0.5}))
    expected = softmax(LOGITS.astype(np.float64) / 2.5 + [0, 0.75, -0.5])
    np.testing.assert_allclose(head.scores(LOGITS), expected, rtol=1e-6)
    assert head.scores(LOGITS).dtype == np.float32


def test_the_label_is_that_of_the_calibrated_scores() -> None:
    head = Head(LABELS, calibration=Calibration(bias={"neutral": 5.0}))
    assert [found.label for found in head.predictions(LOGITS)] == ["neutral"] * 3
    assert all(found.score == max(found.scores.values()) for found in head.predictions(LOGITS))


def test_labels_that_hold_together_are_calibrated_too() -> None:
    head = Head(LABELS, "multi_label_classification", Calibration(2.0, {"negative": 1.0}))
    expected = 1 / (1 + np.exp(-(LOGITS.astype(np.float64) / 2 + [1, 0, 0])))
    np.testing.assert_allclose(head.scores(LOGITS), expected, rtol=1e-6)


def test_without_calibration_the_bits_stay() -> None:
    powers = np.exp(LOGITS - LOGITS.max(axis=-1, keepdims=True))
    assert Head(LABELS).scores(LOGITS).tobytes() == (powers / powers.sum(axis=-1, keepdims=True)).tobytes()


@pytest.mark.parametrize(
    ("min_score", "expected"),
    [
        (0.5, ["negative", None, "positive"]),
        (0, ["negative", "positive", "positive"]),
        (1.0, [None, None, None]),
        ({"positive": 0.5}, ["negative", None, "positive"]),
        ({"negative": None, "neutral": 0.9}, [None, "positive", "positive"]),
    ],
)
def test_a_low_score_gets_no_label(min_score: MinScore, expected: list[str | None]) -> None:
    found = Head(LABELS).predictions(LOGITS, min_score=min_score)
    assert [each.label for each in found] == expected
    assert [(each.score, each.scores) for each in found] == [
        (each.score, each.scores) for each in Head(LABELS).predictions(LOGITS)
    ]


def test_a_score_equal_to_the_threshold_is_an_answer() -> None:
    score = Head(LABELS).predictions(LOGITS)[0].score
    (at,), (above,) = (
        Head(LABELS).predictions(LOGITS[:1], min_score=least) for least in (score, float(np.nextafter(score, 1)))
    )
    assert (at.label, above.label) == ("negative", None)


def test_a_bundles_thresholds_hold_unless_the_call_has_others() -> None:
    head = Head(LABELS, calibration=Calibration(thresholds={"positive": 0.5, "negative": None}))
    assert [found.label for found in head.predictions(LOGITS)] == [None, None, "positive"]
    assert [found.label for found in head.predictions(LOGITS, min_score=0)] == ["negative", "positive", "positive"]


@pytest.mark.parametrize("min_score", [-0.1, 1.1, 80, float("nan"), "0.5", True, {"positive": 2}, {"great": 0.5}])
def test_an_unusable_min_score_is_refused(min_score: Any) -> None:
    with pytest.raises(InputError, match=r"min_score: expected .*, found .*; "):
        Head(LABELS).predictions(LOGITS, min_score=min_score)


def test_a_model_takes_it(model: linnet.Classifier) -> None:
    texts = ["Good news!", "It is what it is."]
    scores = [found.score for found in model(texts)]
    between = sum(scores) / 2
    assert [found.label is None for found in model(texts, min_score=between)] == [score < between for score in scores]
    assert model(texts[0], min_score=1.0).label is None
    assert [found.label for found in model.stream(texts, min_score=1.0)] == [None, None]
