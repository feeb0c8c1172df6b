from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet.errors import InputError, TextTypeError, TextValueError
from linnet.inference.batching import Batch
from linnet.inference.session import Session

TEXT = "  Good news!\tThe train to the coast is\nnot late @someone http://t.co/x 🎉 "
LONG = "What a day: the train was late, the food was awful, and nobody ever said sorry to any of us"


def test_words_and_spans_are_those_of_the_users_text(model: linnet.Classifier) -> None:
    found = model.explain(TEXT)
    assert list(found.words) == TEXT.split()
    assert [TEXT[start:end] for start, end in found.spans] == TEXT.split()
    assert len(found.contributions) == len(found.score_contributions) == len(found.errors) == len(found.words)
    assert (found.text, found.method, found.truncated, found.error) == (TEXT, "leave-one-out", False, 0)


@pytest.mark.parametrize("label", [None, "negative", "neutral", "positive"])
def test_leave_one_out_is_the_difference_between_plain_answers(model: linnet.Classifier, label: str | None) -> None:
    words = LONG.split()
    found = model.explain(LONG, label=label)
    assert found.label == (label or model(LONG).label)
    column = model.labels.index(found.label)
    whole, empty = model.logits([LONG, ""])[:, column].astype(float)
    without = [" ".join(words[:left] + words[left + 1 :]) for left in range(len(words))]
    assert (found.logit, found.base) == (whole, empty)
    assert list(found.contributions) == (whole - model.logits(without)[:, column].astype(float)).tolist()
    assert found.score == model(LONG).scores[found.label]
    scores = [prediction.scores[found.label] for prediction in model(without)]
    assert found.score_contributions == pytest.approx([found.score - score for score in scores], abs=1e-12)


@pytest.mark.parametrize("text", [LONG, "not bad at all, this cheap kettle", "Good", "Good news!"])
@pytest.mark.parametrize("label", ["negative", "positive"])
def test_shapley_contributions_sum_to_the_difference_of_logits(model: linnet.Classifier, text: str, label: str) -> None:
    found = model.explain(text, label=label, method="shapley", permutations=8)
    whole, empty = model.logits([text, ""])[:, model.labels.index(label)].astype(float)
    assert sum(found.contributions) == pytest.approx(whole - empty, abs=1e-9)
    assert found.remainder == pytest.approx(0, abs=1e-9)
    assert sum(found.score_contributions) == pytest.approx(found.score - found.base_score, abs=1e-9)
    assert (found.error > 0) == (len(text.split()) > 12)


def test_sampled_values_agree_with_exact_ones_within_their_error(
    model: linnet.Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "the food was awful and the train was not late"
    exact = model.explain(text, method="shapley")
    monkeypatch.setattr("linnet.explaining.methods.MOST_EXACT", 0)
    sampled = model.explain(text, method="shapley")
    deviations = (np.array(sampled.contributions) - exact.contributions) / np.array(sampled.errors)
    assert exact.error == 0 < sampled.error
    assert np.abs(deviations).max() < 4


@pytest.mark.parametrize("method", ["leave-one-out", "shapley"])
@pytest.mark.parametrize(("planted", "label"), [("awful", "negative"), ("wonderful", "positive")])
def test_a_planted_word_contributes_most(model: linnet.Classifier, method: str, planted: str, label: str) -> None:
    neutral = ["the", "train", "to", "the", "coast", "leaves", "from", "platform", "three", "at", "nine"]
    for place in (0, 5, len(neutral)):
        text = " ".join([*neutral[:place], planted, *neutral[place:]])
        found = model.explain(text, label=label, method=method, permutations=16)
        assert found.words[int(np.argmax(found.contributions))] == planted


def test_words_that_are_cut_off_are_left_out_and_let_in_by_no_other(model: linnet.Classifier) -> None:
    text = "good " * 600 + "awful " * 600
    found = model.explain(text, label="negative")
    assert found.truncated and set(found.words) == {"good"} and len(found.words) == 510
    assert found.logit == model.logits(text)[0, 0]
    [expected] = model.logits("good " * 508 + "good")
    assert found.contributions[0] == pytest.approx(found.logit - float(expected[0]), abs=1e-9)


@pytest.mark.parametrize("text", ["", " \n\t "])
@pytest.mark.parametrize("method", ["leave-one-out", "shapley"])
def test_a_text_without_words_has_no_contributions(model: linnet.Classifier, text: str, method: str) -> None:
    found = model.explain(text, method=method)
    assert (found.words, found.contributions, found.error) == ((), (), 0)
    assert found.base == model.logits("").max()


def test_prepared_texts_are_not_prepared_again(model: linnet.Classifier) -> None:
    assert model.explain("@someone good").logit == model.explain("@user good", preprocess=False).logit
    assert model.explain("@someone good", preprocess=False).logit != model.explain("@someone good").logit


def test_progress_is_told_for_every_variant(model: linnet.Classifier) -> None:
    told: list[int] = []
    model.explain(LONG, progress=told.append)
    assert told == [len(LONG.split()) + 2] * (len(LONG.split()) + 2)


def test_explanations_are_the_same_every_time_and_on_any_threads(model: linnet.Classifier, default: Path) -> None:
    other = linnet.load_classifier(default, threads=1)
    for method in ("leave-one-out", "shapley"):
        assert model.explain(LONG, method=method) == other.explain(LONG, method=method)


def test_what_cannot_be_explained_is_refused(model: linnet.Classifier) -> None:
    texts: Any = ["a", "b"]
    with pytest.raises(TextTypeError, match="expected one text, a str, found list; explain texts one by one"):
        model.explain(texts)
    with pytest.raises(TextValueError, match="lone surrogate"):
        model.explain("a \ud800")
    with pytest.raises(InputError, match="expected label to be one of negative, neutral, positive, found 'joy'"):
        model.explain("a", label="joy")
    with pytest.raises(InputError, match="expected method to be one of"):
        model.explain("a", method="lime")


def test_threads_share_the_variants_evenly(default: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a short text, whose variants fit into one batch."""
    sizes: list[int] = []
    run_alone = Session.run_alone

    def counted(session: Session, batch: Batch) -> Any:
        sizes.append(len(batch.rows))
        return run_alone(session, batch)

    monkeypatch.setattr(Session, "run_alone", counted)
    words = [
        "the",
        "train",
        "to",
        "coast",
        "leaves",
        "from",
        "platform",
        "three",
        "at",
        "nine",
        "and",
        "it",
        "is",
        "not",
        "late",
        "all",
        "today",
        "my",
        "good",
        "friend",
    ]
    linnet.load_classifier(default, threads=2).explain(" ".join(words))
    assert len(words) == 20
    assert sorted(sizes) == [1, 1, 9, 11]  # the empty text, the whole one, and two shares of the 20 others
