"""The intervals beside known distributions."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest
from linnet.analysis.evaluation.evaluating import Metrics, metrics
from linnet.analysis.evaluation.intervals import RESAMPLES, Measure, resampled, wilson
from linnet.analysis.evaluation.metrics import Cells, Counts, Numbers, accuracy, f1, macro

LABELS = ("a", "b", "c")
TRUTH, PREDICTED = (np.array(side) for side in zip(*[(i, j) for i in range(3) for j in range(3)], strict=True))


def of(matrix: Counts) -> Metrics:
    return metrics(Cells(TRUTH, PREDICTED, matrix.reshape(-1), 3), LABELS)


def test_resamples_are_spread_as_a_share_is() -> None:
    counts = np.array([160, 40])
    cells = Cells(np.array([0, 0]), np.array([0, 1]), counts, 2)

    def metric(drawn: Counts | Numbers) -> Numbers:
        return accuracy(cells.tally(drawn))[..., None]

    found = resampled(counts, metric)
    assert found.shape == (RESAMPLES, 1)
    expected = sqrt(0.8 * 0.2 / 200)
    assert abs(found.mean() - 0.8) < 4 * expected / sqrt(RESAMPLES)
    assert abs(found.std() / expected - 1) < 4 / sqrt(2 * RESAMPLES)


@pytest.mark.parametrize("share", [0.7, 0.9])
def test_intervals_cover_the_true_value_as_often_as_they_say(share: float) -> None:
    """In 400 simulated data sets, 95 % intervals hold the true value in 92 to 98 %: 380 give or take 3 deviations."""
    truth = np.array([0.5, 0.3, 0.2])
    cells = np.diag(truth) * share + (1 - np.eye(3)) * truth[:, None] * (1 - share) / 2
    ideal = of((cells * 1_000_000).round().astype(np.int64)).named()
    drawn = np.random.default_rng(7).multinomial(200, cells.reshape(-1) / cells.sum(), size=400)
    found = [of(counts).named() for counts in drawn]
    for name, exact in ideal.items():
        covered = sum(exact.value in measures[name] for measures in found)
        assert 0.92 * 400 <= covered <= 0.98 * 400, name


def test_more_rows_give_narrower_intervals() -> None:
    few = of(np.diag([30, 20, 10]) + 4)
    many = of(100 * (np.diag([30, 20, 10]) + 4))
    for name, measure in few.named().items():
        wide, narrow = measure, many.named()[name]
        assert wide.low < wide.value < wide.high
        assert 8 < (wide.high - wide.low) / (narrow.high - narrow.low) < 12


def test_the_same_rows_give_the_same_intervals() -> None:
    assert of(np.diag([3, 2, 1]) + 1) == of(np.diag([3, 2, 1]) + 1)


@pytest.mark.parametrize(
    ("matrix", "value"), [(np.diag([20, 20, 20]), 1.0), (np.roll(np.diag([20, 20, 20]), 1, 1), 0.0)]
)
def test_answers_that_are_all_right_or_all_wrong_do_not_give_certainty(matrix: Counts, value: float) -> None:
    found = of(matrix)
    for measure in found.named().values():
        assert measure.value == value
        assert measure.high - measure.low > 0.05
        assert measure.low <= value <= measure.high
    assert (found.accuracy.low, found.accuracy.high) == wilson(value, 60)


def test_a_label_without_rows_says_nothing() -> None:
    found = of(np.diag([20, 20, 0]))
    assert found.labels[2].recall == Measure(0.0, 0.0, 1.0)
    assert found.macro_recall.value == 1.0


def test_wilsons_interval() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0 / 20, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_the_interval_is_scipys_bca() -> None:
    stats: Callable[..., object] = pytest.importorskip("scipy.stats", reason="scipy is not installed").bootstrap
    matrix = np.array([[25, 3, 2], [5, 20, 4], [1, 2, 9]])
    truth, predicted = (np.repeat(side, matrix.reshape(-1)) for side in (TRUTH, PREDICTED))

    def macro_f1(rows_truth: Counts, rows_predicted: Counts, axis: int = -1) -> Numbers:
        ones = np.ones(rows_truth.shape[-1], dtype=np.int64)
        flat = [
            Cells(t, p, ones, 3).tally()
            for t, p in zip(np.atleast_2d(rows_truth), np.atleast_2d(rows_predicted), strict=True)
        ]
        return np.array([macro(f1(tally), tally) for tally in flat])

    found = of(matrix).macro_f1
    options = {"paired": True, "vectorized": True, "method": "BCa", "n_resamples": 4000, "rng": 1}
    expected = stats((truth, predicted), macro_f1, **options).confidence_interval  # type: ignore[attr-defined]
    width = found.high - found.low
    assert abs(found.low - expected.low) < 0.05 * width
    assert abs(found.high - expected.high) < 0.05 * width
