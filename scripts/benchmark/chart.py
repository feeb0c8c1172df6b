"""Results → bars, as an SVG that reads in light and in dark."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

WIDTH, BAR, GAP, LABELS, FIGURES, TOP = 860, 24, 10, 400, 60, 52

_STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 16px }
.bar { fill: #afb8c1 }
.ours { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .bar { fill: #484f58 }
  .ours { fill: #3fb950 }
}
"""


def bars(rows: Sequence[Mapping[str, Any]], *, title: str, ours: str) -> str:
    """A bar a row for its ``speed``, the fastest first; that of the row called ``ours`` in another colour."""
    ordered = sorted(rows, key=lambda row: -row["speed"])
    most = max((row["speed"] for row in ordered), default=1.0)
    height = TOP + len(ordered) * (BAR + GAP)
    drawn = [_bar(place, row, most, "bar ours" if row["title"] == ours else "bar") for place, row in enumerate(ordered)]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="{escape(title, {chr(34): "&quot;"})}">',
            f"<style>{_STYLE}</style>",
            f'<text class="title" x="8" y="28">{escape(title)}</text>',
            *drawn,
            "</svg>\n",
        )
    )


def _bar(place: int, row: Mapping[str, Any], most: float, kind: str) -> str:
    top = TOP + place * (BAR + GAP)
    length = (WIDTH - LABELS - FIGURES) * row["speed"] / most
    middle = top + BAR * 0.7
    return (
        f'<text x="{LABELS - 10}" y="{middle:.1f}" text-anchor="end">{escape(str(row["title"]))}</text>'
        f'<rect class="{kind}" x="{LABELS}" y="{top}" width="{length:.1f}" height="{BAR}" rx="3"/>'
        f'<text x="{LABELS + length + 8:.1f}" y="{middle:.1f}">{row["speed"]:.0f}</text>'
    )
