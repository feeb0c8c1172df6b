"""Evaluations and comparisons → HTML pages."""

from collections.abc import Sequence
from math import floor

from ...bundle.manifest import Figure
from ..page import figure, note, page, paragraph, section, table
from ..plots import curve, matrix, ranges
from .comparing import Comparison
from .evaluating import Evaluation
from .intervals import Measure
from .metrics import TITLES
from .published import beside
from .tables import CONFUSION, COVERAGE, GROUPS, NAMELESS, Table, comparison_tables, evaluation_tables


def evaluation_page(found: Evaluation, *, model: str, data: str, published: Sequence[Figure] = ()) -> str:
    """Returns the page of an evaluation; ``model`` and ``data`` say what was evaluated on what."""
    plots = {
        CONFUSION: matrix(
            [label.label for label in found.labels], found.confusion, down="true label", across="predicted"
        ),
        COVERAGE: figure(
            curve(
                [(step.coverage, step.accuracy) for step in found.coverage],
                across="share of texts answered",
                up="accuracy",
                lowest=min(
                    floor(5 * min(step.accuracy for step in found.coverage)) / 5, 0.8
                ),  # below 1, if all are right
            ),
            "Each point is a share of the texts: those with the highest scores.",
        ),
        GROUPS: figure(
            ranges([_range(name or NAMELESS, group.accuracy) for name, group in found.groups.items()]),
            "Accuracy of each group, with its 95 % interval.",
        ),
    }
    marks = [each.figure.value / 100 for each in beside(published, found) if each.measured]
    return page(
        f"Evaluation of {model}",
        paragraph(f"{found.rows:,} texts of {data}."),
        *_asides(found),
        figure(
            ranges([_range(TITLES[name], measure) for name, measure in found.named().items()], marks=marks),
            "Metrics with their 95 % intervals." + (" Dashed: published for the original." if marks else ""),
        ),
        *(_section(each, plots) for each in evaluation_tables(found, published)),
        note(found.method),
    )


def comparison_page(found: Comparison, *, names: tuple[str, str], data: str) -> str:
    """Returns the page of a comparison; ``names`` are those of the two models."""
    rows = [
        _range(f"{TITLES[metric]} {which}", side.named()[metric])
        for metric in ("accuracy", "macro_recall", "macro_f1")
        for which, side in zip("AB", (found.first, found.second), strict=True)
    ]
    return page(
        f"{names[0]} and {names[1]} compared",
        paragraph(f"{found.first.rows:,} texts of {data}."),
        *_asides(found.first),
        figure(ranges(rows), f"Metrics with their 95 % intervals. A: {names[0]}. B: {names[1]}."),
        *(_section(each, {}) for each in comparison_tables(found, names)),
        note(found.method),
    )


def _section(found: Table, plots: dict[str, str]) -> str:
    """Returns a table under its title, with its plot; the confusion matrix is a coloured table and replaces its own."""
    plot = [plots[found.title]] if found.title in plots else []
    rows = [] if found.title == CONFUSION else [table(found.columns, found.rows, texts=found.texts)]
    return section(found.title, *plot, *rows, *([note(found.note)] if found.note else []))


def _asides(found: Evaluation) -> list[str]:
    left_out = f"{found.skipped:,} texts were left out: the model does not have their label."
    cut = f"{found.truncated:,} texts are longer than the model reads, and were truncated."
    return [note(text) for text, count in ((left_out, found.skipped), (cut, found.truncated)) if count]


def _range(name: str, measure: Measure) -> tuple[str, float, float, float]:
    return name, measure.value, measure.low, measure.high
