"""Examples and a model's predictions → what an evaluation needs of them, in a few bytes a row."""

import heapq
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import tee
from math import prod

import numpy as np
import numpy.typing as npt

from ...errors import InputError
from ...models.classifier import Classifier
from .examples import Example
from .metrics import Cells, Counts
from .naming import Naming

MOST_GROUPS = 200
"""The most groups that an evaluation reports."""


@dataclass(frozen=True)
class Wrong:
    """A text that got another label than its own; ``row`` is its index among the texts."""

    row: int
    text: str
    label: str
    predicted: str
    score: float


@dataclass
class Answers:
    """The answers to the examples, in order: as arrays, and the texts of those that are surest and wrong."""

    labels: tuple[str, ...]
    keep: int
    """How many wrong answers to keep."""
    order: Sequence[int]
    """For each label of the model, in the order of its scores, the index in ``labels``."""
    least: Sequence[float] = ()
    """For each label of ``labels``, the least score with which the bundle answers; none if it answers every text."""
    truths: "array[int]" = field(default_factory=lambda: array("H"))
    bests: "array[int]" = field(default_factory=lambda: array("H"))
    tops: "array[float]" = field(default_factory=lambda: array("f"))
    memberships: "array[int]" = field(default_factory=lambda: array("H"))
    groups: dict[str, int] = field(default_factory=dict)
    truncated: int = 0
    _wrong: list[tuple[float, int, Wrong]] = field(default_factory=list)

    def add(self, example: Example, scores: dict[str, float], *, truncated: bool) -> None:
        """Adds the answer to an example."""
        values = list(scores.values())
        score = max(values)
        best = self.order[values.index(score)]
        self.truths.append(example.truth)
        self.bests.append(best)
        self.tops.append(score)
        self.truncated += truncated
        if example.group is not None:
            self.memberships.append(self._group(example.group))
        if best != example.truth and self.keep and (len(self._wrong) < self.keep or score > self._wrong[0][0]):
            self._keep(Wrong(example.row, example.text, self.labels[example.truth], self.labels[best], score))

    def _keep(self, wrong: Wrong) -> None:
        add = heapq.heappush if len(self._wrong) < self.keep else heapq.heapreplace
        add(self._wrong, (wrong.score, -wrong.row, wrong))

    def _group(self, name: str) -> int:
        known = self.groups.setdefault(name, len(self.groups))
        if known == MOST_GROUPS:
            raise InputError(
                f"expected at most {MOST_GROUPS} groups, found more, such as {name!r}; group by a column with few values"
            )
        return known

    @property
    def wrong(self) -> tuple[Wrong, ...]:
        """The wrong answers with the highest scores, surest first."""
        return tuple(wrong for _, _, wrong in sorted(self._wrong, reverse=True))

    @property
    def truth(self) -> npt.NDArray[np.uint16]:
        """The index of each row's true label."""
        return np.frombuffer(self.truths, dtype=np.uint16)

    @property
    def predicted(self) -> npt.NDArray[np.uint16]:
        """The index of each row's predicted label."""
        return np.frombuffer(self.bests, dtype=np.uint16)

    @property
    def scores(self) -> npt.NDArray[np.float32]:
        """The score of each row's predicted label."""
        return np.frombuffer(self.tops, dtype=np.float32)

    def cells(self, group: str | None = None) -> Cells:
        """Returns the cells of the confusion matrix, of all rows or of a group."""
        truth, predicted = self.truth, self.predicted
        if group is not None:
            chosen = np.frombuffer(self.memberships, dtype=np.uint16) == self.groups[group]
            truth, predicted = truth[chosen], predicted[chosen]
        (truths, bests), counts = distinct(truth, predicted)
        return Cells(truths, bests, counts, len(self.labels))


def answers(
    model: Classifier,
    examples: Iterable[Example],
    *,
    naming: Naming | None = None,
    preprocess: bool = True,
    keep: int = 0,
) -> Answers:
    """Answers the examples lazily, and returns what an evaluation needs of the answers.

    Args:
        model: a classifier whose texts have one label each.
        examples: the texts with their labels.
        naming: the labels that the examples' labels are indices of; by default the model's own.
        preprocess: False if the texts are already prepared.
        keep: how many of the surest wrong answers to keep.

    Raises:
        InputError: there are no examples, the model judges each label by itself, or it has other labels.
    """
    check_exclusive(model)
    naming = naming or Naming(model.labels)
    order = naming.order(model.labels, str(model.bundle.path))
    found = Answers(naming.labels, keep, order, _least(model, order))
    kept, asked = tee(examples)
    predictions = model.stream((example.text for example in asked), preprocess=preprocess)
    for example, prediction in zip(kept, predictions, strict=True):
        found.add(example, prediction.scores, truncated=prediction.truncated)
    if not found.truths:
        raise InputError("expected texts with labels, found none; name data with at least one labelled row")
    return found


def _least(model: Classifier, order: Sequence[int]) -> Sequence[float]:
    """Returns the bundle's own thresholds in the order of the labels of the data; none if it answers every text."""
    by_label = dict(zip(order, model.head.least(None), strict=True))
    return [by_label[index] for index in range(len(order))] if any(by_label.values()) else ()


def check_exclusive(model: Classifier) -> None:
    """Checks that a model gives each text one label, so that an answer is right or wrong.

    Raises:
        InputError: the model is no classifier, or judges each label by itself.
    """
    if not isinstance(model, Classifier):
        raise InputError(f"expected a classifier, found {type(model).__name__}; load a bundle for text-classification")
    if not model.head.exclusive:
        raise InputError(
            f"{model.bundle.path}: expected a model that gives each text one label, found one that judges each label "
            f"by itself ({', '.join(model.labels)}); evaluate and compare are for models of one label a text"
        )


def distinct(*columns: npt.NDArray[np.uint16]) -> tuple[tuple[Counts, ...], Counts]:
    """Returns the distinct rows of some columns, column by column, and how often each occurs; all are int64."""
    widths = tuple(int(column.max(initial=0)) + 1 for column in columns)
    codes = np.zeros(len(columns[0]), dtype=np.uint32 if prod(widths) < 1 << 32 else np.uint64)
    for column, width in zip(columns, widths, strict=True):
        codes *= codes.dtype.type(width)
        codes += column
    found, counts = np.unique(codes, return_counts=True)
    parts = np.unravel_index(found.astype(np.int64), widths)
    return tuple(np.asarray(part, dtype=np.int64) for part in parts), counts
