"""Counts of right and wrong answers → accuracy, precision, recall and F1.

All of it is vectorised over leading axes, so that thousands of resamples cost about as much as one. Where scikit-learn
divides by zero and returns 0, so do these; the averages are over the labels that occur, as in scikit-learn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
"""An array of float64."""
Counts = npt.NDArray[np.int64]
"""An array of int64."""


@dataclass(frozen=True)
class Tally:
    """For each label, how often it is right, true and predicted: all that the metrics depend on. Each is (…, labels)."""

    hits: Numbers
    support: Numbers
    predicted: Numbers

    @property
    def occurs(self) -> npt.NDArray[np.bool_]:
        """True for the labels that are true or predicted somewhere."""
        found: npt.NDArray[np.bool_] = self.support + self.predicted > 0
        return found


@dataclass(frozen=True)
class Cells:
    """Rows with the same true and predicted label, counted: the cells of a confusion matrix that are not empty.

    ``truth`` and ``predicted`` are indices of labels, ``counts`` the rows in each cell; all are int64 (cells,).
    """

    truth: Counts
    predicted: Counts
    counts: Counts
    labels: int

    def tally(self, counts: Counts | Numbers | None = None) -> Tally:
        """Returns the tally; ``counts``, (…, cells), replaces the cells' own."""
        given = np.asarray(self.counts if counts is None else counts, dtype=np.float64)
        return Tally(given @ self._each.hits, given @ self._each.support, given @ self._each.predicted)

    def without_one(self) -> Tally:
        """Returns the tally without one row, for a row of each cell: (cells, labels)."""
        whole, one = self.tally(), self._each
        return Tally(whole.hits - one.hits, whole.support - one.support, whole.predicted - one.predicted)

    @cached_property
    def _each(self) -> Tally:
        """The tally of a single row of each cell: (cells, labels)."""
        ones = np.eye(self.labels)
        true, predicted = ones[self.truth], ones[self.predicted]
        return Tally(true * predicted, true, predicted)

    def matrix(self) -> Counts:
        """Returns the confusion matrix, int64 (true labels, predicted labels)."""
        whole = np.zeros((self.labels, self.labels), dtype=np.int64)
        np.add.at(whole, (self.truth, self.predicted), self.counts)
        return whole


def accuracy(tally: Tally) -> Numbers:
    """Returns the share of rows that are right."""
    return _ratio(tally.hits.sum(-1), tally.support.sum(-1))


def precision(tally: Tally) -> Numbers:
    """Returns, for each label, the share of its predictions that are right."""
    return _ratio(tally.hits, tally.predicted)


def recall(tally: Tally) -> Numbers:
    """Returns, for each label, the share of its rows that are found."""
    return _ratio(tally.hits, tally.support)


def f1(tally: Tally) -> Numbers:
    """Returns, for each label, the harmonic mean of precision and recall."""
    return _ratio(2 * tally.hits, tally.support + tally.predicted)


def macro(values: Numbers, tally: Tally) -> Numbers:
    """Returns the mean over the labels that occur, each counted once."""
    return _ratio((values * tally.occurs).sum(-1), tally.occurs.sum(-1, dtype=np.float64))


def weighted(values: Numbers, tally: Tally) -> Numbers:
    """Returns the mean over the labels, each counted as often as it is true."""
    return _ratio((values * tally.support).sum(-1), tally.support.sum(-1))


OVERALL: dict[str, Callable[[Tally], Numbers]] = {
    "accuracy": accuracy,
    "macro_precision": lambda tally: macro(precision(tally), tally),
    "macro_recall": lambda tally: macro(recall(tally), tally),
    "macro_f1": lambda tally: macro(f1(tally), tally),
    "weighted_f1": lambda tally: weighted(f1(tally), tally),
}
"""The metrics of all labels together, by name."""
TITLES = {
    "accuracy": "accuracy",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
    "macro_f1": "macro F1",
    "weighted_f1": "weighted F1",
}
"""The metrics of all labels together, as a reader is shown them."""
PER_LABEL: dict[str, Callable[[Tally], Numbers]] = {"precision": precision, "recall": recall, "f1": f1}
"""The metrics of each label, by name."""


def overall(tally: Tally) -> Numbers:
    """Returns the metrics in `OVERALL`, in their order: (…, metrics)."""
    return np.stack([metric(tally) for metric in OVERALL.values()], axis=-1)


def per_label(tally: Tally) -> Numbers:
    """Returns the metrics in `PER_LABEL`, in their order, each for all labels: (…, metrics × labels)."""
    return np.concatenate([metric(tally) for metric in PER_LABEL.values()], axis=-1)


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    """Returns ``part / whole``, and 0 where there is nothing to divide by."""
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole != 0)
