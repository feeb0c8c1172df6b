"""Counts → confidence intervals, by the bootstrap.

Drawing rows with replacement is the same as drawing the counts of their cells from a multinomial distribution,
because the metrics depend on nothing else. So a resample costs as much as the confusion matrix has cells.

The intervals are BCa: bias-corrected and accelerated (B. Efron, Better bootstrap confidence intervals, JASA 82,
1987). Where all resamples are equal, as when no answer is wrong, the bootstrap has no width. The interval is then the
score interval of a share (E. B. Wilson, JASA 22, 1927).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .metrics import Counts, Numbers

if TYPE_CHECKING:
    from statistics import NormalDist

CONFIDENCE = 0.95
"""How often an interval contains the value that all texts of this kind would give."""
RESAMPLES = 2000
METHOD = f"{100 * CONFIDENCE:.0f} % intervals: BCa bootstrap (Efron 1987), {RESAMPLES:,} resamples"
_SEED = 0  # the same rows give the same intervals
_AT_ONCE = 1 << 20  # counts that are drawn at a time

Metric = Callable[[Counts | Numbers], Numbers]
"""A function: counts of cells, (resamples, cells) → values, (resamples, metrics)."""


@dataclass(frozen=True)
class Measure:
    """A measured value, and the confidence interval from ``low`` to ``high``."""

    value: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def resampled(counts: Counts, metric: Metric) -> Numbers:
    """Returns the metrics of `RESAMPLES` bootstrap resamples of the rows that were counted: (resamples, metrics)."""
    random = np.random.default_rng(_SEED)
    total = int(counts.sum())
    share, block = counts / total, max(1, _AT_ONCE // len(counts))
    sizes = [min(block, RESAMPLES - start) for start in range(0, RESAMPLES, block)]
    return np.concatenate([metric(random.multinomial(total, share, size=size)) for size in sizes])


def intervals(values: Numbers, resamples: Numbers, without_one: Numbers, counts: Counts) -> list[tuple[float, float]]:
    """Returns the BCa interval of each metric.

    Args:
        values: the metrics of all rows, (metrics,).
        resamples: the metrics of each resample, (resamples, metrics).
        without_one: the metrics without one row of each cell, (cells, metrics).
        counts: the rows in each cell, (cells,).
    """
    bias, acceleration = _bias(values, resamples), _acceleration(without_one, counts)
    return [
        _bca(column, shift, change)
        for column, shift, change in zip(resamples.T, bias.tolist(), acceleration.tolist(), strict=True)
    ]


def wilson(value: float, rows: float) -> tuple[float, float]:
    """Returns Wilson's score interval of a share of so many rows; 0 to 1 if there are none."""
    if not rows:
        return 0.0, 1.0
    z = _normal().inv_cdf((1 + CONFIDENCE) / 2)
    middle = (value + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * (value * (1 - value) / rows + z * z / (4 * rows * rows)) ** 0.5
    return max(0.0, min(value, middle - half)), min(1.0, max(value, middle + half))  # despite rounding


def measures(values: Numbers, found: list[tuple[float, float]], rows: Numbers) -> list[Measure]:
    """Returns the values of shares with their intervals; ``rows`` is how many rows each value is about."""
    return [
        Measure(value, *((low, high) if low < high else wilson(value, size)))
        for value, (low, high), size in zip(values.tolist(), found, rows.tolist(), strict=True)
    ]


def _bca(resamples: Numbers, bias: float, acceleration: float) -> tuple[float, float]:
    normal = _normal()

    def level(share: float) -> float:
        shifted = bias + normal.inv_cdf(share)
        return normal.cdf(bias + shifted / max(1e-9, 1 - acceleration * shifted))

    low, high = np.quantile(resamples, [level((1 - CONFIDENCE) / 2), level((1 + CONFIDENCE) / 2)]).tolist()
    return low, high


def _bias(values: Numbers, resamples: Numbers) -> Numbers:
    """Returns Efron's z0: how far the value is from the median of its resamples, on the normal scale."""
    below = (resamples < values).sum(0) + (resamples == values).sum(0) / 2
    share = np.clip(below, 0.5, len(resamples) - 0.5) / len(resamples)
    return np.array([_normal().inv_cdf(part) for part in share.tolist()])


def _acceleration(without_one: Numbers, counts: Counts) -> Numbers:
    """Returns Efron's a, from the jackknife: how fast the spread changes with the value."""
    distance = np.average(without_one, axis=0, weights=counts) - without_one
    cubes, squares = counts @ distance**3, counts @ distance**2
    return np.divide(cubes, 6 * squares**1.5, out=np.zeros_like(cubes), where=squares > 0)


def _normal() -> "NormalDist":
    from statistics import NormalDist  # here, because it imports much

    return NormalDist()
