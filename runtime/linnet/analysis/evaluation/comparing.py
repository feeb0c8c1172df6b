"""Two models and labelled texts → a comparison on the same rows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from ...models.classifier import Classifier
from .answers import Answers, answers, check_exclusive, distinct
from .evaluating import WRONG, Evaluation, evaluation
from .examples import Example, Examples, rows_of
from .intervals import METHOD, Measure, intervals, resampled
from .metrics import OVERALL, Cells, Counts, Numbers, Tally, overall
from .naming import Naming

TEST = "McNemar's exact test, two-sided (McNemar 1947; binomial, p = 0.5)"


@dataclass(frozen=True)
class Difference:
    """A text that the two models give different labels; ``row`` is its index among the texts."""

    row: int
    text: str
    label: str
    first: str
    first_score: float
    second: str
    second_score: float


@dataclass(frozen=True)
class Comparison:
    """Two models on the same rows."""

    first: Evaluation
    """The metrics of the first model."""
    second: Evaluation
    """The metrics of the second model."""
    differences: dict[str, Measure]
    """By metric, the second model's value less the first's, with a paired interval."""
    only_first_right: int
    """The rows that only the first model has right."""
    only_second_right: int
    """The rows that only the second model has right."""
    p_value: float
    """How probable a split as uneven as this is, if both models are right equally often."""
    differing: int
    """The rows that the two models give different labels."""
    examples: tuple[Difference, ...]
    """Some rows that differ: those where both models are surest."""
    method: str = METHOD
    """How the intervals were computed."""
    test: str = TEST
    """How ``p_value`` was computed."""


def compare(
    first: Classifier,
    second: Classifier,
    texts: Iterable[str],
    labels: Iterable[str | int],
    groups: Iterable[object] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    skip_unknown: bool = False,
    preprocess: bool = True,
    keep: int = WRONG,
) -> Comparison:
    """Classifies texts whose labels are known with two models, and returns which is better, and how surely.

    Args:
        first: a classifier whose texts have one label each.
        second: another with the same labels, in any order.
        texts: the texts.
        labels: the true label of each text: the first model's label in any case, or its id.
        groups: the group of each text, such as its language; each group gets metrics of its own.
        names: by a label of the data or of the second model, the first model's label that it means.
        skip_unknown: True to leave out texts with labels that the first model does not have.
        preprocess: False if the texts are already prepared.
        keep: how many wrong answers of each model, and how many differing rows, to keep.

    Raises:
        InputError: a label is unknown, there are no texts, or the models have different labels.
    """
    check_exclusive(first)
    check_exclusive(second)
    naming = Naming(first.labels, names)
    examples = Examples(list(rows_of(texts, labels, groups)), naming, skip_unknown)
    one, other = (
        answers(model, examples, naming=naming, preprocess=preprocess, keep=keep) for model in (first, second)
    )
    surest = surest_differences(differences(examples, one, other), keep)
    return comparison(one, other, surest, skipped=examples.skipped)


def comparison(first: Answers, second: Answers, surest: Iterable[Difference], *, skipped: int = 0) -> Comparison:
    """Returns the comparison of two models' answers to the same examples; ``surest`` are differing rows to keep."""
    (truth, one, other), counts = distinct(first.truth, first.predicted, second.predicted)
    only_first = int(counts[(one == truth) & (other != truth)].sum())
    only_second = int(counts[(other == truth) & (one != truth)].sum())
    sides = [Cells(truth, predicted, counts, len(first.labels)) for predicted in (one, other)]
    return Comparison(
        first=evaluation(first, skipped=skipped),
        second=evaluation(second, skipped=skipped),
        differences=_paired(*sides),
        only_first_right=only_first,
        only_second_right=only_second,
        p_value=mcnemar(only_first, only_second),
        differing=int(counts[one != other].sum()),
        examples=tuple(surest),
    )


def differences(examples: Iterable[Example], first: Answers, second: Answers) -> Iterator[Difference]:
    """Yields the examples that got different labels; the answers are to these examples, in order."""
    for index, example in enumerate(examples):
        one, other = first.bests[index], second.bests[index]
        if one != other:
            label, *found = (first.labels[number] for number in (example.truth, one, other))
            yield Difference(
                example.row, example.text, label, found[0], first.tops[index], found[1], second.tops[index]
            )


def surest_differences(found: Iterable[Difference], keep: int) -> list[Difference]:
    """Returns the differing rows in which the less sure model is surest."""
    return nlargest(keep, found, key=lambda row: (min(row.first_score, row.second_score), -row.row))


def mcnemar(only_first: int, only_second: int) -> float:
    """Returns the two-sided p-value of McNemar's exact test for the rows that only one of two models has right.

    It is twice the probability that a fair coin falls on one side at most ``min`` times in ``only_first + only_second``
    throws (Q. McNemar, Psychometrika 12, 1947).
    """
    throws, fewest = only_first + only_second, min(only_first, only_second)
    steps = np.arange(1, fewest + 1, dtype=np.float64)
    logarithms = np.concatenate([[0.0], np.cumsum(np.log((throws - steps + 1) / steps))]) - throws * np.log(2)
    return min(1.0, 2 * float(np.exp(logarithms).sum()))


def _paired(first: Cells, second: Cells) -> dict[str, Measure]:
    """Returns the differences of the metrics; both models' cells are of the same rows, so that they are drawn together."""

    def difference(one: Tally, other: Tally) -> Numbers:
        return overall(other) - overall(one)

    def metric(counts: Counts | Numbers) -> Numbers:
        return difference(first.tally(counts), second.tally(counts))

    values = difference(first.tally(), second.tally())
    without_one = difference(first.without_one(), second.without_one())
    found = intervals(values, resampled(first.counts, metric), without_one, first.counts)
    return {name: Measure(value, *ends) for name, value, ends in zip(OVERALL, values.tolist(), found, strict=True)}
