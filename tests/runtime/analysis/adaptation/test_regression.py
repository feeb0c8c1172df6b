"""The head is the logistic regression that it is said to be, and its figures are honest."""

import numpy as np
import numpy.typing as npt
import pytest
from linnet.analysis.adaptation.regression import PENALTIES, cross_validated, fitted, rotated
from linnet.analysis.folds import folds_of

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


def planted(rows: int, labels: int, *, noise: float = 1.0, seed: int = 0) -> tuple[Floats, Indices]:
    """Correlated features of very different sizes, and labels that a linear head gives."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, 24)) @ random.normal(size=(24, 24)) * np.geomspace(0.01, 1, 24) + 5
    logits = (features - features.mean(axis=0)) @ random.normal(size=(24, labels))
    logits += noise * random.gumbel(size=logits.shape)
    return features.astype(np.float32), logits.argmax(axis=1)


@pytest.mark.parametrize("penalty", [1.0, 0.01])
@pytest.mark.parametrize("labels", [2, 5])
def test_the_head_is_that_of_scikit_learn(labels: int, penalty: float) -> None:
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    features, truths = planted(300, labels)
    head = fitted(rotated(features), truths, labels, penalty)
    scale = np.sqrt(features.astype(np.float64).var(axis=0).mean())
    scaled = (features - features.mean(axis=0, dtype=np.float64)) / scale
    # For two labels scikit-learn has one vector of weights, the difference of ours: its penalty counts half.
    strength = 1 / (len(features) * penalty) * (2 if labels == 2 else 1)
    theirs = linear_model.LogisticRegression(C=strength, tol=1e-8, max_iter=10_000).fit(scaled, truths)
    logits = features @ head.weights.T + head.bias
    powers = np.exp(logits - logits.max(axis=1)[:, None])
    np.testing.assert_allclose(powers / powers.sum(axis=1)[:, None], theirs.predict_proba(scaled), atol=2e-4)


def test_planted_labels_are_found_and_noise_is_not() -> None:
    features, truths = planted(600, 4, noise=0.1)
    judged = cross_validated(rotated(features), truths, folds_of(range(600), truths), 4)
    assert (judged.probabilities.argmax(axis=1) == truths).mean() > 0.85
    assert judged.penalty < 0.1
    shuffled = np.random.default_rng(1).permutation(truths)
    judged = cross_validated(rotated(features), shuffled, folds_of(range(600), shuffled), 4)
    most = np.bincount(shuffled).max() / 600
    assert (judged.probabilities.argmax(axis=1) == shuffled).mean() < most + 0.05
    assert judged.penalty == PENALTIES[0]
    np.testing.assert_allclose(judged.probabilities.sum(axis=1), 1)


def test_the_figures_are_those_of_new_texts() -> None:
    told, real = [], []
    for seed in range(8):
        features, truths = planted(3060, 3, noise=3.0, seed=seed)
        found = rotated(features[:60])
        judged = cross_validated(found, truths[:60], folds_of(range(60), truths[:60]), 3)
        head = fitted(found, truths[:60], 3, judged.penalty)
        told.append((judged.probabilities.argmax(axis=1) == truths[:60]).mean())
        real.append(((features[60:] @ head.weights.T + head.bias).argmax(axis=1) == truths[60:]).mean())
    assert abs(np.mean(told) - np.mean(real)) < 0.05


def test_more_features_than_texts_and_features_without_variance_are_no_problem() -> None:
    random = np.random.default_rng(0)
    features = random.normal(size=(16, 384)).astype(np.float32)
    features[:, 100:] = 3.0
    truths = np.arange(16) % 2
    features[:, 0] += 6 * truths
    found = rotated(features)
    assert found.values.shape[1] <= 15
    judged = cross_validated(found, truths, folds_of(range(16), truths), 2)
    head = fitted(found, truths, 2, judged.penalty)
    assert ((features @ head.weights.T + head.bias).argmax(axis=1) == truths).all()
    assert np.isfinite(head.weights).all()


def test_equal_features_give_the_frequencies() -> None:
    truths = np.array([0] * 30 + [1] * 10)
    found = rotated(np.ones((40, 8), dtype=np.float32))
    head = fitted(found, truths, 2, 1.0)
    logits = np.ones(8, dtype=np.float32) @ head.weights.T + head.bias
    assert logits[0] - logits[1] == pytest.approx(np.log(3), abs=1e-3)
