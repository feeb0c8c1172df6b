"""What the readers of all formats share: how an input is read, and what is found in it."""

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

from ...fields import nearest
from .remarks import Remarks

FORMATS = ("txt", "csv", "tsv", "jsonl", "parquet")


def naming_remedy(name: str, names: Iterable[str], option: str, remedy: str) -> str:
    """Returns what to do where a column is missing: give the one that was probably meant, else ``remedy``."""
    meant = nearest(name, names)
    return f"did you mean {option} {shlex.quote(meant)}?" if meant else remedy


@dataclass(frozen=True)
class Reading:
    """How an input is read. `reading_for` fills in what a format implies.

    Attributes:
        format: one of `FORMATS`.
        column: the column of a table, or the key of JSON objects, that has the texts.
        delimiter: the character between the fields of a table.
        quotes: True if quotes around a field of a table are not part of it, as in CSV.
        errors: ``strict``; ``replace`` to decode damaged lines with U+FFFD; ``reject`` to make them malformed rows.
    """

    format: str = "txt"
    column: str = "text"
    delimiter: str = ","
    quotes: bool = True
    errors: str = "strict"


class Row(NamedTuple):
    """A text, the number of the line where its row starts, from 1, and all values of the row.

    ``values`` is a sequence in the order of the input's columns, or the dict of a JSON object.
    """

    line: int
    text: str
    values: Any = ()


class Malformed(NamedTuple):
    """A row that cannot be read: its line, why, and the row as it is in the input."""

    line: int
    reason: str
    raw: str


class Header(NamedTuple):
    """The names of the input's columns, which come before its rows. JSON lines have none."""

    columns: list[str]


Item: TypeAlias = Row | Malformed | Header | None
"""What a reader yields; None for a line that has no row."""

Reject = Callable[[Malformed], None]
"""Receives each malformed row; it may raise to end the run."""


class Input(Protocol):
    """Rows that are read, and what is known of their columns meanwhile.

    ``columns`` are the columns, once the header is read; None for JSON lines. ``first`` is the first row, once it is
    read. ``remarks`` counts what is remarkable.
    """

    columns: list[str] | None
    first: Row | None
    remarks: Remarks

    def parts(self) -> Iterator[Iterator[Row]]:
        """Yields the rows in parts; each part has to be used up before the next is asked for."""
