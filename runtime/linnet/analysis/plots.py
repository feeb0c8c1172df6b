"""Numbers → plots, as SVG and HTML that a page takes as they are. Their colours are those of `linnet.analysis.page`."""

from collections.abc import Sequence

from .page import escaped

_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 360, 54, 20, 12, 34
_ROW = 24  # the height of a row of `ranges`
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def ranges(rows: Sequence[tuple[str, float, float, float]], *, marks: Sequence[float] = ()) -> str:
    """Returns a dot for each value from 0 to 1, on a line from its low to its high end.

    Args:
        rows: the name, the value, and the low and the high end of each row.
        marks: values that get a dashed vertical line, such as published ones.
    """
    left, height = 118, _ROW * len(rows)

    def x(value: float) -> float:
        return left + (_WIDTH - left - _RIGHT) * value

    grid = "".join(_vertical(x(tick), height, f"{tick:.0%}", "var(--line)") for tick in _TICKS)
    dashed = "".join(
        f'<line x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="0" y2="{height}" stroke="var(--against)" '
        'stroke-dasharray="3 3"/>'
        for mark in marks
    )
    drawn = []
    for index, (name, value, low, high) in enumerate(rows):
        y = _ROW * index + _ROW / 2
        drawn.append(
            f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{escaped(_short(name))}</text>'
            f'<line x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y}" y2="{y}" stroke="var(--accent)" stroke-width="2"/>'
            f'<circle cx="{x(value):.1f}" cy="{y}" r="4" fill="var(--accent)">'
            f"<title>{escaped(name)}: {value:.1%} ({low:.1%} to {high:.1%})</title></circle>"
        )
    return _svg(
        height + 20, grid + dashed + "".join(drawn), ", ".join(f"{name} {value:.1%}" for name, value, *_ in rows)
    )


def curve(
    points: Sequence[tuple[float, float]], *, across: str, up: str, diagonal: bool = False, lowest: float = 0.0
) -> str:
    """Returns a line through points; both coordinates are shares from 0 to 1.

    Args:
        points: where the line goes, from left to right or from right to left.
        across: what the horizontal axis shows.
        up: what the vertical axis shows.
        diagonal: True to draw the line where both are equal, as in a reliability diagram.
        lowest: the share at the bottom of the vertical axis.
    """
    height, right = 210, _WIDTH - _RIGHT

    def x(value: float) -> float:
        return _LEFT + (right - _LEFT) * value

    def y(value: float) -> float:
        return height - _BOTTOM - (height - _BOTTOM - _TOP) * (value - lowest) / (1 - lowest)

    grid = "".join(
        f'<line x1="{_LEFT}" x2="{right}" y1="{y(level):.1f}" y2="{y(level):.1f}" stroke="var(--line)"/>'
        f'<text class="soft" x="{_LEFT - 6}" y="{y(level) + 4:.1f}" text-anchor="end">{level:.0%}</text>'
        f'<text class="soft" x="{x(tick):.1f}" y="{height - _BOTTOM + 14}" text-anchor="middle">{tick:.0%}</text>'
        for tick, level in ((tick, lowest + (1 - lowest) * tick) for tick in _TICKS)
    )
    ideal = f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" stroke="var(--soft)" stroke-dasharray="3 3"/>'
    line = " ".join(f"{x(across_):.1f},{y(up_):.1f}" for across_, up_ in points)
    dots = "".join(
        f'<circle cx="{x(across_):.1f}" cy="{y(up_):.1f}" r="3" fill="var(--accent)">'
        f"<title>{escaped(across)} {across_:.1%}, {escaped(up)} {up_:.1%}</title></circle>"
        for across_, up_ in points
    )
    names = (
        f'<text x="{(_LEFT + right) / 2}" y="{height - 4}" text-anchor="middle">{escaped(across)}</text>'
        f'<text x="10" y="{(height - _BOTTOM) / 2}" text-anchor="middle" '
        f'transform="rotate(-90 10 {(height - _BOTTOM) / 2})">{escaped(up)}</text>'
    )
    drawn = f'<polyline points="{line}" fill="none" stroke="var(--accent)" stroke-width="2"/>'
    return _svg(height, grid + (ideal if diagonal else "") + drawn + dots + names, f"{up} by {across}")


def matrix(labels: Sequence[str], counts: Sequence[Sequence[int]], *, down: str, across: str) -> str:
    """Returns a table of counts, each cell coloured by its share of its row.

    Args:
        labels: the names of the rows and of the columns.
        counts: the cells, row by row.
        down: what the rows are.
        across: what the columns are.
    """
    head = "".join(f'<th class="number">{escaped(label)}</th>' for label in labels)
    body = "\n".join(
        f"<tr><th>{escaped(label)}</th>{''.join(_shade(count, sum(row)) for count in row)}</tr>"
        for label, row in zip(labels, counts, strict=True)
    )
    return (
        f'<div class="wide"><table>\n<thead><tr><th>{escaped(down)} ↓ {escaped(across)} →</th>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _shade(count: int, whole: int) -> str:
    share = count / whole if whole else 0.0
    shade = f"background: color-mix(in srgb, var(--accent) {round(60 * share)}%, transparent)"
    return f'<td class="number" style="{shade}; padding-left: .75rem">{count:,} · {share:.0%}</td>'


def _vertical(x: float, height: int, label: str, colour: str) -> str:
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}" stroke="{colour}"/>'
        f'<text class="soft" x="{x:.1f}" y="{height + 14}" text-anchor="middle">{label}</text>'
    )


def _short(name: str) -> str:
    return name if len(name) <= 17 else f"{name[:16]}…"


def _svg(height: int, content: str, described: str) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escaped(described)}">\n{content}\n</svg>'
