"""Scores and right labels → how well the scores say how often the label is right."""

from dataclasses import dataclass

import numpy as np

from ...arrays import Floats
from ..folds import Indices
from ..optimizing import Numbers

BINS = 15
"""The most bins; each has as many texts as any other."""
_LEAST = 1e-12  # a score of 0 for the right label is not infinitely wrong


@dataclass(frozen=True)
class Bin:
    """Texts whose labels have scores near each other: the mean score, the share that is right, and how many."""

    score: float
    accuracy: float
    texts: int


@dataclass(frozen=True)
class Quality:
    """How good scores are; all but ``accuracy`` are better if they are lower."""

    log_loss: float
    """The mean negative log likelihood of the right label."""
    brier: float
    """The mean of the squared differences of all scores to 1 for the right label and 0 for the others: 0 to 2."""
    calibration_error: float
    """The expected calibration error: how far score and accuracy are apart in the mean bin, with equal-mass bins."""
    accuracy: float
    """The share of texts whose label is right."""
    bins: tuple[Bin, ...]
    """Score and accuracy, from the lowest scores to the highest."""


def quality(scores: Floats | Numbers, truths: Indices) -> Quality:
    """Returns how good scores are.

    Args:
        scores: (n, labels), at least one row; each row adds up to 1.
        truths: int64 (n,), the index of the right label.
    """
    exact, rows = scores.astype(np.float64), np.arange(len(truths))
    best = exact.argmax(axis=1)
    right, tops = best == truths, exact[rows, best]
    wanted = np.zeros_like(exact)
    wanted[rows, truths] = 1
    bins = tuple(
        Bin(float(tops[part].mean()), float(right[part].mean()), len(part))
        for part in np.array_split(np.argsort(tops, kind="stable"), min(BINS, len(truths)))
    )
    return Quality(
        log_loss=float(-np.log(np.maximum(exact[rows, truths], _LEAST)).mean()),
        brier=float(np.square(exact - wanted).sum(axis=1).mean()),
        calibration_error=sum(part.texts * abs(part.accuracy - part.score) for part in bins) / len(truths),
        accuracy=float(right.mean()),
        bins=bins,
    )
