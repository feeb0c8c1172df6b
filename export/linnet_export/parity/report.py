"""Formats parity and the recipes for the terminal."""

from collections.abc import Sequence

from linnet_export.parity.measure import Parity
from linnet_export.source.recipe import Recipe


def parity_report(parity: Parity) -> str:
    """Returns a table of the criteria with their verdicts, then the drift and the worst texts."""
    width = max(len(criterion.name) for criterion in parity.criteria)
    lines = [f"{'criterion':<{width}}  {'measured':>10}  {'required':>10}  {'n':>7}"]
    for criterion in parity.criteria:
        verdict = "passed" if criterion.passed else "FAILED"
        lines.append(
            f"{criterion.name:<{width}}  {criterion.measured:>10}  {criterion.required:>10}  {criterion.n:>7}  {verdict}"
        )
    lines.append(
        f"{parity.drift} over {parity.texts} texts: mean {parity.mean_drift:.4f}, greatest {parity.max_drift:.4f}; the worst:"
    )
    for offender in parity.worst:
        became = " → ".join(filter(None, (offender.original, offender.bundle)))
        lines.append(f"  {offender.drift:.4f}  {became}  {offender.text!r}")
    if parity.caution:
        lines.append(f"note: {parity.caution}: keep more of the vocabulary, or pass texts that it covers with --texts")
    return "\n".join(lines)


def recipes_table(recipes: Sequence[Recipe]) -> str:
    """Returns a table with one row per recipe."""
    head = ("recipe", "checkpoint", "task", "labels or pooling", "preprocessing", "tokens", "languages", "licence")
    rows = [
        (
            *(recipe.name, recipe.checkpoint, recipe.task),
            ", ".join(dict.fromkeys(recipe.labels.values())) or recipe.pooling or "",
            *(recipe.preprocessing, str(recipe.max_length), " ".join(recipe.languages)),
            recipe.licence.name or "none stated",
        )
        for recipe in recipes
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )
