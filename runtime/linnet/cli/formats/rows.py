"""What the readers of all formats share: how an input is read, and a row of it."""

from dataclasses import dataclass
from typing import NamedTuple

FORMATS = ("txt", "csv", "tsv", "jsonl")


@dataclass(frozen=True)
class Reading:
    """How an input is read. `reading_for` fills in what a format implies.

    Attributes:
        format: one of `FORMATS`.
        column: the column of a table, or the key of JSON objects, that has the texts.
        delimiter: the character between the fields of a table.
        quotes: True if quotes around a field of a table are not part of it, as in CSV.
        errors: ``strict``, or ``replace`` to decode damaged lines with U+FFFD.
        scalars: True if numbers and truth values in JSON objects are read too, as JSON writes them.
    """

    format: str = "txt"
    column: str = "text"
    delimiter: str = ","
    quotes: bool = True
    errors: str = "strict"
    scalars: bool = False


class Row(NamedTuple):
    """A text, and the number of the line where its row starts, from 1."""

    line: int
    text: str
