"""L-BFGS finds the least of convex functions, and folds keep equal texts together."""

import numpy as np
import pytest
from linnet.analysis.folds import folds_of
from linnet.analysis.optimizing import Numbers, minimized


@pytest.mark.parametrize("condition", [1.0, 1e2, 1e4])
@pytest.mark.parametrize("seed", range(3))
def test_the_least_of_a_quadratic_is_found(condition: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(random.normal(size=(12, 12)))
    matrix = axes * np.geomspace(1, condition, 12) @ axes.T
    wanted = random.normal(size=12)

    def function(point: Numbers) -> tuple[float, Numbers]:
        away = point - wanted
        return float(away @ matrix @ away) / 2, matrix @ away

    np.testing.assert_allclose(minimized(function, np.zeros(12), tolerance=1e-9), wanted, atol=1e-6)


def test_few_steps_are_taken_where_the_curvature_is_known() -> None:
    scales, steps = np.geomspace(1, 1e6, 50), 0

    def function(point: Numbers) -> tuple[float, Numbers]:
        nonlocal steps
        steps += 1
        return float(scales @ np.logaddexp(0, point) - scales @ point / 3), scales * (1 / (1 + np.exp(-point)) - 1 / 3)

    found = minimized(function, np.zeros(50), curvature=scales / 4, tolerance=1e-6)
    np.testing.assert_allclose(found, np.log(1 / 2), atol=1e-5)
    assert steps < 20


def test_folds_have_every_label_and_equal_texts_together() -> None:
    random = np.random.default_rng(0)
    texts = random.integers(0, 200, size=400).tolist()
    truths = np.array([text % 3 for text in texts])
    folds = folds_of(texts, truths)
    assert set(folds.tolist()) == {0, 1, 2, 3, 4}
    assert all(len({fold for text, fold in zip(texts, folds, strict=True) if text == each}) == 1 for each in set(texts))
    for label in range(3):
        distinct = {(text, fold) for text, fold in zip(texts, folds.tolist(), strict=True) if text % 3 == label}
        sizes = np.bincount([fold for _, fold in distinct])
        assert sizes.max() - sizes.min() <= 1


def test_the_same_texts_get_the_same_folds() -> None:
    truths = np.arange(60) % 4
    assert folds_of(range(60), truths).tolist() == folds_of(range(60), truths).tolist()
