"""Tables of shares → heat maps, as SVG for a page. Their colours are those of `linnet.analysis.page`."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ..arrays import Floats
from .page import escaped

LEVELS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7)
"""The least share of each shade, from pale to strong."""

_CELL = 14  # the size of a square with names beside it, in pixels
_SMALL = 112  # the width of a map without names
_LONGEST = 12  # characters of a name


def heat_map(shares: Floats, down: Sequence[str], across: Sequence[str]) -> str:
    """Returns a heat map with names beside its rows and columns; a wide one gets a scroll bar of its own.

    Args:
        shares: (rows, columns), each from 0 to 1.
        down: the names of the rows.
        across: the names of the columns.
    """
    left, top = (
        8 * max(map(len, map(_short, down)), default=0) + 6,
        8 * max(map(len, map(_short, across)), default=0) + 6,
    )
    rows = "".join(
        f'<text x="{left - 5}" y="{top + _CELL * row + 11}" text-anchor="end">{escaped(_short(name))}</text>'
        for row, name in enumerate(down)
    )
    columns = "".join(
        f'<text transform="translate({left + _CELL * column + 11} {top - 5}) rotate(-90)">{escaped(_short(name))}</text>'
        for column, name in enumerate(across)
    )
    width, height = left + _CELL * len(across) + 1, top + _CELL * len(down) + 1
    frame = f'<rect x="{left}" y="{top}" width="{width - left - 1}" height="{height - top - 1}" fill="none" stroke="var(--line)"/>'
    squares = f'<g transform="translate({left} {top}) scale({_CELL})">{_squares(shares)}</g>'
    return (
        f'<div class="wide"><svg role="img" aria-label="heat map" viewBox="0 0 {width} {height}" '
        f'style="width: {width}px; max-width: none">{squares}{frame}{rows}{columns}</svg></div>'
    )


def small_map(shares: Floats) -> str:
    """Returns a heat map without names; ``shares`` is (rows, columns), each from 0 to 1."""
    rows, columns = shares.shape
    return (
        f'<svg role="img" aria-label="heat map" viewBox="0 0 {columns} {rows}" '
        f'style="width: {_SMALL}px; outline: 1px solid var(--line)">{_squares(shares)}</svg>'
    )


def legend() -> str:
    """Returns a line that shows each shade and its least share."""
    shades = "&ensp; ".join(
        f'<span style="white-space: nowrap"><svg viewBox="0 0 1 1" style="display: inline-block; width: .8em">'
        f'<path d="M0 0h1v1h-1z" {_fill(level)}/></svg> from {100 * least:.0f} %</span>'
        for level, least in enumerate(LEVELS)
    )
    return f'<p class="note">{shades}</p>'


def _squares(shares: Floats) -> str:
    """Returns a path for each shade: squares of one shade are drawn at once, and neighbours in a row as one."""
    levels = np.digitize(shares, np.array(LEVELS, dtype=np.float32))
    return "".join(
        f'<path d="{path}" {_fill(level)}/>'
        for level in range(len(LEVELS))
        if (path := "".join(_runs(levels == level + 1)))
    )


def _runs(chosen: npt.NDArray[np.bool_]) -> Iterator[str]:
    """Yields the outline of each run of squares in a row; ``chosen`` is bool (rows, columns)."""
    for row, flags in enumerate(chosen):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
        for start, end in edges.reshape(-1, 2).tolist():
            yield f"M{start} {row}h{end - start}v1h{start - end}z"


def _fill(level: int) -> str:
    return f'fill="var(--accent)" fill-opacity="{(level + 1) / len(LEVELS):.2f}"'


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
