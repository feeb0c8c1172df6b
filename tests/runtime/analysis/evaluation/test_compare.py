from pathlib import Path
from typing import Any

import linnet
import pytest
from linnet import InputError

TEXTS = ["Good news!", "Worst service ever", "The train leaves at 9:40", "I love it", "I hate it", "It is Monday"]
LABELS = ["positive", "negative", "neutral", "positive", "negative", "positive"]


@pytest.fixture
def turned(bundle_copy: Path, rewrite_json: Any) -> linnet.Classifier:
    """The default with its labels turned round: where the default says negative, it says positive."""
    names = {"0": "POS", "1": "NEU", "2": "NEG"}
    rewrite_json(bundle_copy, "config.json", id2label=names, label2id={name: int(id_) for id_, name in names.items()})
    model = linnet.load(bundle_copy)
    assert isinstance(model, linnet.Classifier)
    return model


NAMES = {"POS": "positive", "NEU": "neutral", "NEG": "negative"}


def test_a_model_is_as_good_as_itself(model: linnet.Classifier) -> None:
    found = linnet.compare(model, model, TEXTS, LABELS)
    assert found.first == found.second
    assert (found.only_first_right, found.only_second_right, found.differing, found.examples) == (0, 0, 0, ())
    assert found.p_value == 1.0
    assert {(each.value, each.low, each.high) for each in found.differences.values()} == {(0.0, 0.0, 0.0)}


def test_labels_of_the_second_model_may_have_another_order_and_other_names(
    model: linnet.Classifier, turned: linnet.Classifier
) -> None:
    texts, labels = TEXTS * 10, LABELS * 10
    found = linnet.compare(model, turned, texts, labels, ["a", "b"] * 30, names=NAMES, keep=7)
    first = [str(prediction.label) for prediction in model(texts)]
    second = [NAMES[str(prediction.label)] for prediction in turned(texts)]
    assert second == [{"negative": "positive", "positive": "negative"}.get(label, label) for label in first]
    rows = list(zip(labels, first, second, strict=True))
    assert found.differing == sum(one != other for _, one, other in rows)
    assert found.only_first_right == sum(one == truth != other for truth, one, other in rows)
    assert found.only_second_right == sum(other == truth != one for truth, one, other in rows)
    assert found.first == linnet.evaluate(model, texts, labels, ["a", "b"] * 30, wrong=7)
    change = found.differences["accuracy"]
    assert change.value == pytest.approx(found.second.accuracy.value - found.first.accuracy.value)
    assert change.low < change.value < change.high < 0
    assert found.p_value < 0.01
    assert len(found.examples) == 7
    for each in found.examples:
        assert (each.text, each.label) == (texts[each.row], labels[each.row])
        assert (each.first, each.second) == (first[each.row], second[each.row])
    surest = [min(each.first_score, each.second_score) for each in found.examples]
    assert surest == sorted(surest, reverse=True)


def test_models_with_other_labels_are_refused(model: linnet.Classifier, turned: linnet.Classifier) -> None:
    with pytest.raises(InputError, match=r"found POS, NEU, NEG; say which is which: --map POS=positive --map NEU=neut"):
        linnet.compare(model, turned, TEXTS, LABELS)
    with pytest.raises(InputError, match="compare models with the same labels"):
        linnet.compare(model, turned, TEXTS, LABELS, names={**NAMES, "NEU": "positive"})
