"""scikit-learn takes an embedder for a transformer, and a bundle that learns labels for a classifier."""

import pickle
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest

pytest.importorskip("sklearn")

from linnet.integrations.scikit_learn import LinnetClassifier, LinnetVectorizer
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

TEXTS = [f"{mood} {number}" for number in range(16) for mood in ("good news", "so bad")]
LABELS = [label for _ in range(16) for label in (10, 2)]


@pytest.fixture(scope="module")
def fitted() -> Any:
    return LinnetClassifier(threads=1).fit(TEXTS, LABELS)


def test_vectors_in_a_pipeline(tiny: str, embedder: linnet.Embedder) -> None:
    np.testing.assert_array_equal(LinnetVectorizer(tiny).transform(TEXTS), embedder(TEXTS))
    pipeline = make_pipeline(LinnetVectorizer(tiny), LogisticRegression()).fit(TEXTS, LABELS)
    assert pipeline.score(TEXTS, LABELS) > 0.9
    assert (pickle.loads(pickle.dumps(pipeline)).predict(TEXTS) == pipeline.predict(TEXTS)).all()


def test_a_classifier_learns_labels_of_any_kind(fitted: Any) -> None:
    assert fitted.classes_.tolist() == [2, 10]
    assert fitted.score(TEXTS, LABELS) == 1
    probabilities = fitted.predict_proba(["good news 99", "so bad 99"])
    assert probabilities.shape == (2, 2) and probabilities[0, 1] > 0.9 and probabilities[1, 0] > 0.9
    assert fitted.predict(["good news 99"]).tolist() == [10]


def test_it_is_the_bundle_that_adapt_writes(fitted: Any, tmp_path: Path) -> None:
    kept = LinnetClassifier(output=tmp_path / "moods", threads=1).fit(TEXTS, LABELS)
    model = linnet.load_classifier(tmp_path / "moods")
    assert model.labels == ("10", "2")
    scores = model("good news 99").scores
    assert [scores["2"], scores["10"]] == kept.predict_proba(["good news 99"])[0].tolist()
    np.testing.assert_array_equal(kept.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    again = pickle.loads(pickle.dumps(kept))
    np.testing.assert_array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_cross_validation_clones_it(tiny: str) -> None:
    estimator = LinnetClassifier(tiny, threads=1)
    assert clone(estimator).get_params() == {"bundle": tiny, "output": None, "threads": 1}
    assert (cross_val_predict(estimator, TEXTS, LABELS, cv=2) == LABELS).mean() > 0.9


def test_too_few_texts_are_refused() -> None:
    with pytest.raises(linnet.InputError, match="at least 8 different texts of each label"):
        LinnetClassifier().fit(["a", "b"], ["x", "y"])


def test_it_must_be_fitted_first() -> None:
    with pytest.raises(ValueError, match="is not fitted yet"):
        LinnetClassifier().predict(["a"])
