"""A model and labelled texts → an evaluation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ...models.classifier import Classifier
from .answers import Answers, Wrong, answers, check_exclusive
from .examples import Examples, rows_of
from .intervals import METHOD, Measure, intervals, measures, resampled
from .metrics import OVERALL, PER_LABEL, Cells, Numbers, Tally, overall, per_label
from .naming import Naming
from .selective import Step, Targets, Thresholds, own_thresholds, steps

WRONG = 10
"""How many of the surest wrong answers are kept by default."""


@dataclass(frozen=True)
class LabelMetrics:
    """The metrics of one label; ``support`` is how many rows have it, ``predicted`` how many were given it."""

    label: str
    precision: Measure
    recall: Measure
    f1: Measure
    support: int
    predicted: int


@dataclass(frozen=True)
class Metrics:
    """The metrics of some rows. Averages are over the labels that occur; ``macro`` counts each label once.

    ``confusion`` has a row for each true label and a column for each predicted one, in the order of ``labels``.
    """

    rows: int
    accuracy: Measure
    macro_precision: Measure
    macro_recall: Measure
    macro_f1: Measure
    weighted_f1: Measure
    labels: tuple[LabelMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]

    def named(self) -> dict[str, Measure]:
        """Returns the metrics of all labels together by name."""
        return {name: getattr(self, name) for name in OVERALL}


@dataclass(frozen=True)
class Evaluation(Metrics):
    """The metrics of all rows and of each group, and where the model is wrong."""

    groups: dict[str, Metrics]
    """The metrics of each group, in the order of their names."""
    coverage: tuple[Step, ...]
    """How accurate the model is if it answers only where its score is high."""
    wrong: tuple[Wrong, ...]
    """The wrong answers with the highest scores, surest first."""
    skipped: int
    """The rows that were left out, because the model does not have their label."""
    truncated: int
    """The texts that are longer than the model reads."""
    thresholds: Thresholds | None = None
    """A least score for each label, if there was a target."""
    answered: Thresholds | None = None
    """What the bundle's own thresholds give; None if it answers every text. All metrics count the best label."""
    method: str = METHOD
    """How the intervals were computed."""


def evaluate(
    model: Classifier,
    texts: Iterable[str],
    labels: Iterable[str | int],
    groups: Iterable[object] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    skip_unknown: bool = False,
    preprocess: bool = True,
    wrong: int = WRONG,
    target_precision: float | None = None,
    target_coverage: float | None = None,
) -> Evaluation:
    """Classifies texts whose labels are known, and returns how good the answers are, with confidence intervals.

    Args:
        model: a classifier whose texts have one label each.
        texts: the texts; they are read lazily.
        labels: the true label of each text: the model's label in any case, or its id.
        groups: the group of each text, such as its language; each group gets metrics of its own.
        names: by a label of the data, the model's label that it means.
        skip_unknown: True to leave out texts with labels that the model does not have.
        preprocess: False if the texts are already prepared.
        wrong: how many of the surest wrong answers to keep.
        target_precision: finds a least score for each label, so that this share of its answers is right.
        target_coverage: finds a least score for each label, so that this share of its predictions is answered.

    Raises:
        InputError: a label is unknown, there are no texts, or there is not a label (and a group) for each text.
    """
    check_exclusive(model)
    targets = Targets(target_precision, target_coverage)
    examples = Examples(rows_of(texts, labels, groups), Naming(model.labels, names), skip_unknown)
    found = answers(model, examples, preprocess=preprocess, keep=wrong)
    return evaluation(found, skipped=examples.skipped, targets=targets)


def evaluation(found: Answers, *, skipped: int = 0, targets: Targets | None = None) -> Evaluation:
    """Returns the evaluation of a model's answers."""
    return Evaluation(
        **vars(metrics(found.cells(), found.labels)),
        groups={name: metrics(found.cells(name), found.labels) for name in sorted(found.groups)},
        coverage=steps(found),
        wrong=found.wrong,
        skipped=skipped,
        truncated=found.truncated,
        thresholds=targets.thresholds(found) if targets and targets.given else None,
        answered=own_thresholds(found),
    )


def metrics(cells: Cells, labels: tuple[str, ...]) -> Metrics:
    """Returns the metrics of the rows in the cells of a confusion matrix, with their intervals."""
    whole = cells.tally()
    rows = int(whole.support.sum())

    def both(tally: Tally) -> Numbers:
        return np.concatenate([overall(tally), per_label(tally)], axis=-1)

    values = both(whole)
    resamples = resampled(cells.counts, lambda counts: both(cells.tally(counts)))
    found = intervals(values, resamples, both(cells.without_one()), cells.counts)
    about = np.concatenate([_rows_of_averages(whole), _rows_of_labels(whole)])
    measured = measures(values, found, about)
    split = len(OVERALL)
    return Metrics(
        rows=rows,
        **dict(zip(OVERALL, measured[:split], strict=True)),
        labels=_label_metrics(whole, labels, measured[split:]),
        confusion=tuple(map(tuple, cells.matrix().tolist())),
    )


def _label_metrics(whole: Tally, labels: tuple[str, ...], measured: list[Measure]) -> tuple[LabelMetrics, ...]:
    size = len(labels)
    columns = {name: measured[index * size : (index + 1) * size] for index, name in enumerate(PER_LABEL)}
    return tuple(
        LabelMetrics(
            label=label,
            **{name: column[index] for name, column in columns.items()},
            support=int(whole.support[index]),
            predicted=int(whole.predicted[index]),
        )
        for index, label in enumerate(labels)
    )


def _rows_of_averages(whole: Tally) -> Numbers:
    """Returns how many rows each metric of `OVERALL` is about: those of the rarest label, if each counts once."""
    rows, rarest = whole.support.sum(), whole.support[whole.occurs].min()
    return np.array([rarest if name.startswith("macro") else rows for name in OVERALL])


def _rows_of_labels(whole: Tally) -> Numbers:
    """Returns how many rows each metric of `PER_LABEL` is about, for all labels."""
    by_name = {
        "precision": whole.predicted,
        "recall": whole.support,
        "f1": whole.support + whole.predicted - whole.hits,
    }
    return np.concatenate([by_name[name] for name in PER_LABEL])
