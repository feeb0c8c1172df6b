"""Lines of CSV or TSV → records: lists of fields."""

import csv
import sys
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from .lines import Lines
from .nul import hidden, shown
from .rows import Malformed, Reading

_LONGEST = 1 << 23
"""Characters after which a record of several lines has a quote that does not end."""


class Record(NamedTuple):
    """The fields of a record, the line where it starts, and the record as it is in the input; no fields if it is blank."""

    line: int
    fields: list[str]
    raw: str


Records: TypeAlias = Iterator[Record | Malformed]


def records(lines: Lines, reading: Reading) -> Records:
    """Yields the records of a table; without quotes each line is one."""
    return _quoted(lines, reading) if reading.quotes else _unquoted(lines, reading)


def _unquoted(lines: Lines, reading: Reading) -> Records:
    for line in lines:
        number = lines.number
        damage = lines.damaged(number, number)
        if damage:
            yield Malformed(number, damage, line)
        else:
            yield Record(number, line.removesuffix("\r").split(reading.delimiter), line)


def _quoted(lines: Lines, reading: Reading) -> Records:
    r"""Yields the records of a table with quotes.

    Of a malformed record the first line is rejected, and reading goes on with the line after it: most often a quote
    that is text opens a field that other rows are then part of.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a C long, which has 32 bits on Windows
    source = _Record(lines)
    reader = csv.reader(source, delimiter=reading.delimiter, strict=True)
    while True:
        source.begin()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line, raw = source.first_alone()
            yield Malformed(
                line,
                f"expected rows that end in \\n or \\r\\n, with quotes in pairs ({error}); "
                "fix the row, or give --no-quotes if quotes are text",
                raw,
            )
            continue
        damage = lines.damaged(source.lines[0][0], source.lines[-1][0])
        if damage:
            yield Malformed(source.lines[0][0], damage, source.raw)
        else:
            yield Record(source.lines[0][0], [shown(field) for field in fields], source.raw)


class _Record(Iterator[str]):
    """Gives the lines of one record after the other to a reader, and takes them back if the record is malformed."""

    def __init__(self, lines: Lines) -> None:
        self._source, self._again = lines, deque[tuple[int, str]]()
        self.lines = list[tuple[int, str]]()  # of this record, with their numbers
        self._size = 0

    def __next__(self) -> str:
        if self._again:
            found = self._again.popleft()
        else:
            line = next(self._source)
            found = self._source.number, line
        self.lines.append(found)
        self._size += len(found[1])
        if self._size > _LONGEST and len(self.lines) > 1:
            raise csv.Error("a quote does not end")
        return hidden(found[1]) + "\n"

    @property
    def raw(self) -> str:
        return self.lines[0][1] if len(self.lines) == 1 else "\n".join(line for _, line in self.lines)

    def begin(self) -> None:
        """Begins the next record."""
        self.lines, self._size = [], 0

    def first_alone(self) -> tuple[int, str]:
        """Returns the record's first line and its number; the others are given again."""
        self._again.extendleft(reversed(self.lines[1:]))
        return self.lines[0]
