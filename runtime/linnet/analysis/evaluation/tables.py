"""Evaluations and comparisons → tables, which a terminal and a page show alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...bundle.manifest import Figure
from ...notes import counted
from .comparing import Comparison
from .evaluating import Evaluation, Metrics
from .intervals import Measure
from .metrics import TITLES
from .published import beside
from .selective import Step, Thresholds

CONFUSION, COVERAGE, GROUPS = "Confusion", "Coverage and accuracy", "Groups"
"""The titles of the tables that a page shows with a plot."""

NAMELESS = "(none)"
"""What a group is called whose rows have no value in the column."""
_NOTHING = "–"


@dataclass(frozen=True)
class Table:
    """A table under a title; ``texts`` are the columns with running text."""

    title: str
    columns: tuple[str, ...]
    rows: list[list[str]]
    texts: tuple[str, ...] = ()
    note: str = ""


def evaluation_tables(found: Evaluation, published: Sequence[Figure]) -> list[Table]:
    """Returns all tables of an evaluation that have rows."""
    tables = [
        _overall(found),
        _published(found, published),
        _labels(found),
        _confusion(found),
        _groups(found),
        _coverage(found.coverage),
        *(_thresholds(each) for each in (found.answered, found.thresholds) if each),
        _wrong(found),
    ]
    return [table for table in tables if table.rows]


def comparison_tables(found: Comparison, names: tuple[str, str]) -> list[Table]:
    """Returns all tables of a comparison that have rows; ``names`` are those of the two models."""
    tables = [_side_by_side(found, names), _right(found, names), _groups_beside(found, names), _differing(found, names)]
    return [table for table in tables if table.rows]


def percent(value: float) -> str:
    """Returns a share in percent, with one digit after the point."""
    return f"{100 * value:.1f} %"


def interval(measure: Measure) -> str:
    """Returns the interval of a share, in percent."""
    return f"{100 * measure.low:.1f} to {100 * measure.high:.1f}"


def _overall(found: Metrics) -> Table:
    rows = [[TITLES[name], percent(measure.value), interval(measure)] for name, measure in found.named().items()]
    return Table(f"Metrics, {counted(found.rows, 'text')}", ("metric", "value", "95 % interval"), rows)


def _published(found: Metrics, published: Sequence[Figure]) -> Table:
    rows = [
        [
            f"{figure.value:.1f} %",
            percent(measured.value) if measured else _NOTHING,
            each.verdict,
            f"{figure.what} ({figure.source})",
        ]
        for each in beside(published, found)
        for figure, measured in [each]
    ]
    note = "A published figure can be compared with texts of the same kind only: best the same test set."
    columns = ("published", "here", "the published figure is", "what, and where it was published")
    return Table("Published for the original", columns, rows, columns[-1:], note)


def _labels(found: Metrics) -> Table:
    rows = [
        [
            label.label,
            *(f"{percent(each.value)} ({interval(each)})" for each in (label.precision, label.recall, label.f1)),
            f"{label.support:,}",
        ]
        for label in found.labels
    ]
    return Table("Labels", ("label", "precision", "recall", "F1", "texts"), rows)


def _confusion(found: Metrics) -> Table:
    rows = [
        [label.label, *(f"{count:,}" for count in counts)]
        for label, counts in zip(found.labels, found.confusion, strict=True)
    ]
    columns = ("true label", *(f"→ {label.label}" for label in found.labels))
    return Table(CONFUSION, columns, rows, note="A row for each true label, a column for each predicted one.")


def _groups(found: Evaluation) -> Table:
    rows = [
        [
            name or NAMELESS,
            *(f"{percent(each.value)} ({interval(each)})" for each in _headline(group)),
            f"{group.rows:,}",
        ]
        for name, group in found.groups.items()
    ]
    return Table(GROUPS, ("group", "accuracy", "macro recall", "macro F1", "texts"), rows)


def _headline(found: Metrics) -> tuple[Measure, Measure, Measure]:
    return found.accuracy, found.macro_recall, found.macro_f1


def _coverage(steps: Sequence[Step]) -> Table:
    rows = [[percent(step.coverage), percent(step.accuracy), f"{step.min_score:.3f}"] for step in steps]
    note = "How accurate the answers are if only the texts with the highest scores are answered."
    return Table(COVERAGE, ("answered", "accuracy", "least score"), rows, note=note)


def _thresholds(found: Thresholds) -> Table:
    rows = [
        [
            each.label,
            _least(each.min_score, own=found.value is None),
            percent(each.coverage),
            f"{percent(each.precision.value)} ({interval(each.precision)})" if each.precision else _NOTHING,
            f"{each.rows:,}",
        ]
        for each in found.labels
    ]
    right = f"{percent(found.accuracy.value)} of them right ({interval(found.accuracy)})" if found.accuracy else "none"
    note = f"With these thresholds, {percent(found.coverage)} of all texts are answered, {right}. "
    if found.value is None:
        title = "The bundle's own thresholds"
        note += "A dash: the label has no threshold. All other figures count the best label of every text."
    else:
        title = f"Thresholds for a {found.target} of {percent(found.value)}"
        note += "They were chosen on these texts: check them on others. A dash: no score reaches the target."
    return Table(title, ("label", "least score", "answered", "precision", "texts"), rows, note=note)


def _least(score: float | None, *, own: bool) -> str:
    """Returns a threshold as a table shows it. Of a bundle's ``own``, 0 is none, and None never answers."""
    if own and score is None:
        return "never"
    return _NOTHING if score is None or (own and not score) else f"{score:.4f}"


def _wrong(found: Evaluation) -> Table:
    rows = [[f"{each.row + 1:,}", each.label, each.predicted, f"{each.score:.3f}", each.text] for each in found.wrong]
    columns = ("row", "true label", "predicted", "score", "text")
    return Table("Surest and wrong", columns, rows, ("text",), "A wrong label in the data is often among these.")


def _side_by_side(found: Comparison, names: tuple[str, str]) -> Table:
    first, second = found.first.named(), found.second.named()
    rows = [
        [TITLES[name], percent(first[name].value), percent(second[name].value), _signed(change.value), _points(change)]
        for name, change in found.differences.items()
    ]
    columns = ("metric", *names, "difference", "95 % interval")
    note = "An interval without 0 is a difference that is larger than chance."
    return Table(f"Metrics, {counted(found.first.rows, 'text')}", columns, rows, note=note)


def _right(found: Comparison, names: tuple[str, str]) -> Table:
    both = sum(row[index] for index, row in enumerate(found.first.confusion)) - found.only_first_right
    neither = found.first.rows - both - found.only_first_right - found.only_second_right
    counts = {
        "both": both,
        f"only {names[0]}": found.only_first_right,
        f"only {names[1]}": found.only_second_right,
        "neither": neither,
    }
    verdict = "is" if found.p_value < 0.05 else "is not"
    note = (
        f"{found.test}: p = {found.p_value:.2g}. The difference in accuracy {verdict} significant at 5 %. "
        f"The labels differ for {found.differing:,} texts."
    )
    return Table(
        "Which is right", ("right", "texts"), [[name, f"{count:,}"] for name, count in counts.items()], note=note
    )


def _groups_beside(found: Comparison, names: tuple[str, str]) -> Table:
    rows = [
        [
            name or NAMELESS,
            percent(group.accuracy.value),
            percent(found.second.groups[name].accuracy.value),
            f"{group.rows:,}",
        ]
        for name, group in found.first.groups.items()
    ]
    return Table("Groups, accuracy", ("group", *names, "texts"), rows)


def _differing(found: Comparison, names: tuple[str, str]) -> Table:
    rows = [
        [
            f"{each.row + 1:,}",
            each.label,
            f"{each.first} {each.first_score:.3f}",
            f"{each.second} {each.second_score:.3f}",
            each.text,
        ]
        for each in found.examples
    ]
    return Table("Where they differ, surest first", ("row", "true label", *names, "text"), rows, ("text",))


def _points(change: Measure) -> str:
    return f"{_signed(change.low)} to {_signed(change.high)}"


def _signed(value: float) -> str:
    """Returns a difference of shares in percentage points, with its sign."""
    shown = f"{100 * value:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown.replace("-", "−")
