from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import linnet
import pytest
from linnet import InputError
from linnet.analysis.evaluation.examples import Examples, Row
from linnet.analysis.evaluation.naming import Naming
from linnet.postprocessing.scores import Head

TEXTS = ["Good news!", "Worst service ever", "The train leaves at 9:40", "I love it", "I hate it", "It is Monday"]
LABELS = ["positive", "negative", "neutral", "positive", "negative", "neutral"]
SENTIMENT = ("negative", "neutral", "positive")


@pytest.fixture(scope="module")
def found(model: linnet.Classifier) -> linnet.Evaluation:
    return linnet.evaluate(model, TEXTS, LABELS, groups=["a", "b"] * 3)


def test_the_confusion_matrix_counts_the_models_own_answers(model: linnet.Classifier, found: linnet.Evaluation) -> None:
    given = [prediction.label for prediction in model(TEXTS)]
    expected = [
        tuple(sum(pair == (true, best) for pair in zip(LABELS, given, strict=True)) for best in model.labels)
        for true in model.labels
    ]
    assert found.confusion == tuple(expected)
    assert found.rows == len(TEXTS)
    assert found.accuracy.value == sum(map(str.__eq__, LABELS, given)) / len(TEXTS)


def test_groups_are_evaluated_by_themselves(model: linnet.Classifier, found: linnet.Evaluation) -> None:
    assert list(found.groups) == ["a", "b"]
    alone = linnet.evaluate(model, TEXTS[::2], LABELS[::2])
    assert found.groups["a"].named() == alone.named()
    assert found.groups["a"].labels == alone.labels


def test_the_surest_wrong_answers_come_first(model: linnet.Classifier) -> None:
    labels = ["negative"] * len(TEXTS)
    predictions = model(TEXTS)
    rows = [row for row, prediction in enumerate(predictions) if prediction.label != "negative"]
    rows.sort(key=lambda row: -predictions[row].score)
    found = linnet.evaluate(model, TEXTS, labels, wrong=3)
    assert [wrong.row for wrong in found.wrong] == rows[:3]
    first = found.wrong[0]
    assert (first.text, first.label) == (TEXTS[rows[0]], "negative")
    assert first.predicted == predictions[rows[0]].label
    assert first.score == pytest.approx(predictions[rows[0]].score)
    assert linnet.evaluate(model, TEXTS, labels, wrong=0).wrong == ()


@pytest.mark.parametrize(
    "labels",
    [
        ["Positive", "NEGATIVE", " neutral ", "positive", "negative", "neutral"],
        [2, 0, 1, 2, 0, 1],
        ["2", "0", "1", "2", "0", "1"],
        ["LABEL_2", "LABEL_0", "label_1", "LABEL_2", "LABEL_0", "LABEL_1"],
    ],
)
def test_labels_may_be_spelt_in_several_ways(
    model: linnet.Classifier, found: linnet.Evaluation, labels: Sequence[Any]
) -> None:
    assert linnet.evaluate(model, TEXTS, labels).confusion == found.confusion


def test_labels_may_be_renamed(model: linnet.Classifier, found: linnet.Evaluation) -> None:
    names = {"bad": "negative", "so so": "1", "good": "POSITIVE"}
    labels = [{"negative": "bad", "neutral": "so so", "positive": "good"}[label] for label in LABELS]
    assert linnet.evaluate(model, TEXTS, labels, names=names).confusion == found.confusion
    with pytest.raises(InputError, match="found 'very good'"):
        linnet.evaluate(model, TEXTS, labels, names={"good": "very good"})


def test_an_unknown_label_is_an_error_or_left_out(model: linnet.Classifier) -> None:
    labels = ["pos", *LABELS[1:-1], "irrelevant"]
    with pytest.raises(InputError, match=r"label 0: .*negative \(0\).*found 'pos'.*--map pos=positive"):
        linnet.evaluate(model, TEXTS, labels)
    found = linnet.evaluate(model, TEXTS, labels, skip_unknown=True, wrong=9)
    assert (found.rows, found.skipped) == (4, 2)
    assert all(wrong.text == TEXTS[wrong.row] for wrong in found.wrong)


def test_an_unknown_label_is_told_whatever_comes_later() -> None:
    """A pipe may give later rows slowly, so few are read; a fault in one of them is not what is to be mended first."""
    read = []

    def rows(fault: int) -> Iterator[Row]:
        for number in range(1000):
            if number == fault:
                raise InputError("a malformed row")
            read.append(number)
            yield Row(f"line {number}", "a text", "neutral" if number < 5 else f"id {number}")

    with pytest.raises(InputError, match=r"line 5: .* found 'id 5'; say which it is"):
        list(Examples(rows(8), Naming(SENTIMENT)))
    read.clear()
    with pytest.raises(InputError, match=r"line 5: .* found 'id 5'; say which it is"):
        list(Examples(rows(-1), Naming(SENTIMENT)))
    assert len(read) == 26


def test_no_label_resembles_one_that_is_named_as_the_placeholder_of_messages() -> None:
    naming = Naming(("LABEL", "other"))
    assert naming.resembles("lab 1") and not naming.resembles("a text")
    assert "--map 'a text=LABEL'" in str(naming.unknown("a text", "line 1"))


def test_ids_are_not_read_where_labels_are_numbers() -> None:
    assert Naming(("1", "2", "3")).find("1") == 0
    assert Naming(("1", "2", "3")).find("0") is None
    assert Naming(("a", "A")).find("A") == 1
    assert Naming(("Ab", "aB", "c")).find("ab") is None  # it could be either
    assert Naming(("LABEL_1", "LABEL_0")).find("LABEL_0") == 1


@pytest.mark.parametrize(
    ("texts", "labels", "groups"), [(TEXTS, LABELS[1:], None), (TEXTS[1:], LABELS, None), (TEXTS, LABELS, ["a"])]
)
def test_every_text_needs_a_label_and_a_group(model: linnet.Classifier, texts: Any, labels: Any, groups: Any) -> None:
    with pytest.raises(InputError, match="as many texts as labels"):
        linnet.evaluate(model, texts, labels, groups)


def test_no_texts_and_too_many_groups_are_errors(model: linnet.Classifier) -> None:
    with pytest.raises(InputError, match="found none"):
        linnet.evaluate(model, [], [])
    with pytest.raises(InputError, match="at most 200 groups"):
        linnet.evaluate(model, ["a"] * 201, ["neutral"] * 201, range(201))
    with pytest.raises(InputError, match="found one text"):
        linnet.evaluate(model, "a text", ["neutral"])


def test_a_text_that_is_no_str_keeps_its_own_error(model: linnet.Classifier) -> None:
    with pytest.raises(linnet.TextTypeError, match="text 1"):
        linnet.evaluate(model, ["a", None], ["neutral", "neutral"])  # type: ignore[list-item]  # that is the test


def test_texts_are_read_lazily(model: linnet.Classifier) -> None:
    def texts() -> Iterator[str]:
        yield from TEXTS

    assert linnet.evaluate(model, texts(), iter(LABELS)).rows == len(TEXTS)


def test_a_head_of_independent_labels_is_refused(default: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = linnet.load(default)
    monkeypatch.setattr(model, "head", Head(SENTIMENT, "multi_label_classification"))
    assert isinstance(model, linnet.Classifier)
    with pytest.raises(InputError, match="judges each label by itself"):
        linnet.evaluate(model, TEXTS, LABELS)


def test_an_embedder_is_refused(embedder: Any) -> None:
    with pytest.raises(InputError, match="expected a classifier, found Embedder"):
        linnet.evaluate(embedder, TEXTS, LABELS)
