"""Scores and right answers → how accurate a model is when it answers only where it is sure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import InputError
from .answers import Answers
from .intervals import Measure, wilson
from .metrics import Counts

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
"""The shares of the rows that a `Step` is reported for."""


@dataclass(frozen=True)
class Step:
    """Answering only rows with at least ``min_score``: the share of rows answered, and the accuracy among them."""

    coverage: float
    min_score: float
    accuracy: float


@dataclass(frozen=True)
class Threshold:
    """The least score at which to answer with a label, and what that gives among the rows with this prediction.

    ``min_score`` is None if the label is never answered, because no score reaches the target. ``precision`` is None if
    no row is answered.
    """

    label: str
    min_score: float | None
    coverage: float
    precision: Measure | None
    rows: int


@dataclass(frozen=True)
class Thresholds:
    """Thresholds, and the coverage and accuracy of all rows with them (None if none is answered)."""

    target: str | None
    """What they were found for: ``precision`` or ``coverage``; None for the bundle's own."""
    value: float | None
    labels: tuple[Threshold, ...]
    coverage: float
    accuracy: Measure | None


def steps(answers: Answers) -> tuple[Step, ...]:
    """Returns accuracy by coverage: for each of `COVERAGES`, the least share of rows that is at least as large."""
    scores, kept, right = _by_score(answers.scores, answers.truth == answers.predicted)
    rows = len(answers.scores)
    chosen = dict.fromkeys(int(np.searchsorted(kept, share * rows - 1e-9)) for share in COVERAGES)
    return tuple(
        Step(float(kept[index] / rows), float(scores[index]), float(right[index] / kept[index])) for index in chosen
    )


@dataclass(frozen=True)
class Targets:
    """What thresholds have to reach: a precision of each label, or a share of each label's predictions to answer.

    Raises:
        InputError: both are given, or one is not above 0 and at most 1.
    """

    precision: float | None = None
    coverage: float | None = None

    def __post_init__(self) -> None:
        if len(self.given) > 1:
            raise InputError("expected a target precision or a target coverage, found both; give one")
        for name, value in self.given.items():
            if not 0 < value <= 1:
                raise InputError(f"expected a target {name} above 0 and at most 1, found {value}; for 95 %: 0.95")

    @property
    def given(self) -> dict[str, float]:
        """The target by its name; empty if there is none."""
        both = {"precision": self.precision, "coverage": self.coverage}
        return {name: value for name, value in both.items() if value is not None}

    def thresholds(self, answers: Answers) -> Thresholds:
        """Returns, for each label, the least score that reaches the precision, or the highest that keeps the coverage.

        Both are measured on these rows: check them on other rows before relying on them.
        """
        ((target, value),) = self.given.items()
        right = answers.truth == answers.predicted
        mine = [answers.predicted == index for index in range(len(answers.labels))]
        found = tuple(
            _threshold(label, answers.scores[rows], right[rows], target, value)
            for label, rows in zip(answers.labels, mine, strict=True)
        )
        return _together(target, value, found, len(right))


def own_thresholds(answers: Answers) -> Thresholds | None:
    """Returns what the bundle's own thresholds give; None if it answers every text."""
    if not answers.least:
        return None
    right = answers.truth == answers.predicted
    found = list[Threshold]()
    for index, (label, least) in enumerate(zip(answers.labels, answers.least, strict=True)):
        mine = answers.predicted == index
        answered = mine & (answers.scores.astype(np.float64) >= least)
        rows, hits = int(answered.sum()), int(right[answered].sum())
        precision = Measure(hits / rows, *wilson(hits / rows, rows)) if rows else None
        coverage = rows / max(1, int(mine.sum()))
        found.append(Threshold(label, least if least <= 1 else None, coverage, precision, rows))
    return _together(None, None, tuple(found), len(right))


def _together(target: str | None, value: float | None, found: tuple[Threshold, ...], texts: int) -> Thresholds:
    rows = sum(each.rows for each in found)
    hits = sum(each.precision.value * each.rows for each in found if each.precision)
    accuracy = Measure(hits / rows, *wilson(hits / rows, rows)) if rows else None
    return Thresholds(target, value, found, rows / texts, accuracy)


def _threshold(
    label: str, scores: npt.NDArray[np.float32], right: npt.NDArray[np.bool_], target: str, value: float
) -> Threshold:
    scores, kept, hits = _by_score(scores, right)
    total = int(kept[-1]) if len(kept) else 0
    reached = hits >= value * kept - 1e-9 if target == "precision" else kept >= value * total - 1e-9
    places = np.flatnonzero(reached)
    if not len(places):
        return Threshold(label, None, 0.0, None, 0)
    place = places[-1 if target == "precision" else 0]
    rows, share = int(kept[place]), float(hits[place] / kept[place])
    return Threshold(label, float(scores[place]), rows / total, Measure(share, *wilson(share, rows)), rows)


def _by_score(
    scores: npt.NDArray[np.float32], right: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float32], Counts, Counts]:
    """Returns the distinct scores, highest first, and how many rows have at least each, and how many of them are right."""
    order = np.argsort(-scores, kind="stable")
    hits, ordered = np.cumsum(right[order], dtype=np.int32), scores[order]
    del order  # 8 bytes for each of what may be millions of rows
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], len(ordered) > 0))
    return ordered[last], last + 1, hits[last].astype(np.int64)
