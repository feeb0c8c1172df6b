"""Cells of text → aligned columns, whatever the script and whatever control characters are in them."""

import re
import shutil
import unicodedata
from collections.abc import Sequence

_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029]")  # Unicode's categories Cc, Zl and Zp
_MOST_MARKED = 8  # characters in a column, its combining marks included: a table shows no more


def aligned(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Returns the lines of a table with a header; numbers are aligned at the right, and the last column is cut."""
    cells = [[one_line(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(map(width_of, column)) for column in zip(*cells, strict=True)]
    right = [all(_is_number(row[index]) for row in cells[1:]) for index in range(len(columns))]
    room = max(20, shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(widths) - 1))
    return [
        "  ".join(
            " " * (size - width_of(cell)) + cell if number else pad(cell, size)
            for cell, size, number in zip(
                [*row[:-1], cut(row[-1], room)], [*widths[:-1], min(widths[-1], room)], right, strict=True
            )
        ).rstrip()
        for row in cells
    ]


def one_line(text: str) -> str:
    """Escapes control characters, so that the text stays on one line and cannot control the terminal."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def width_of(text: str) -> int:
    """Returns about how many terminal columns the text takes."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def pad(text: str, size: int) -> str:
    """Returns the text with spaces behind it, up to a width."""
    return text + " " * (size - width_of(text))


def cut(text: str, size: int) -> str:
    """Returns the text, cut to a width with an ellipsis."""
    shown = text[: _MOST_MARKED * size]
    if len(shown) == len(text) and width_of(text) <= size:
        return text
    while width_of(shown) >= size:
        shown = shown[: min(len(shown) - 1, size)]
    return shown + "…"


def _is_number(cell: str) -> bool:
    return cell[:1].isdigit() or cell[:1] in "–−+"
