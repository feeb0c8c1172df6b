"""spaCy takes a classifier for a component that categorises documents."""

from pathlib import Path

import linnet
import pytest

spacy = pytest.importorskip("spacy")

TEXTS = ["Good news!", "", "so bad 😡"]


def test_the_component_sets_the_scores(model: linnet.Classifier, tmp_path: Path) -> None:
    language = spacy.blank("en")
    language.add_pipe("linnet", config={"threads": 1})  # found by its entry point: nothing of Linnet is imported
    expected = [prediction.scores for prediction in model(TEXTS)]
    assert language(TEXTS[0]).cats == expected[0]
    assert [doc.cats for doc in language.pipe(TEXTS * 40)] == expected * 40
    language.to_disk(tmp_path)
    assert spacy.load(tmp_path)(TEXTS[2]).cats == expected[2]
