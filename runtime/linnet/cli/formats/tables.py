"""Lines of CSV or TSV → rows."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ...errors import InputError
from ...notes import counted
from .lines import Lines
from .remarks import BLANK, LONG, SHORT, Remarks
from .rows import Reading, Row

DELIMITERS = ("\t", ";", ",", "|")

Records: TypeAlias = Iterator[tuple[int, list[str]]]
"""The line where each record starts, and the record's fields; none for a blank line."""


@dataclass(frozen=True)
class _Table:
    reading: Reading
    remarks: Remarks
    width: int  # the number of the header's fields
    index: int  # of the column of the texts

    def is_blank(self, fields: list[str]) -> bool:
        """Returns whether a line has no row. Without quotes, a blank line is how one column holds an empty text."""
        return not fields if self.reading.quotes else fields == [""] and self.width > 1

    def text(self, line: int, fields: list[str]) -> str:
        """Returns the text of a row.

        Without quotes every line is a row, so that one whose fields are missing is no sign of rows that ran together.

        Raises:
            InputError: the row has too many fields, or none in the column.
        """
        place, width, quotes = f"{self.remarks.name}, line {line}", len(fields), self.reading.quotes
        if width > self.width and (quotes or self.reading.delimiter != "\t"):
            mark = repr(self.reading.delimiter)
            remedy = f"quote a field that contains {mark}" if quotes else f"separate the fields by tabs, not by {mark}"
            raise InputError(
                f"{place}: expected {counted(self.width, 'field')} as in the header, found {width}; "
                f"{remedy}, or name every column in the header"
            )
        if any(map(str.strip, fields[self.width :])):
            self.remarks.add(LONG, line)
        if width <= self.index and quotes:
            raise InputError(f"{place}: expected at least {self.index + 1} fields, found {width}; fix the row")
        if width < self.width:
            self.remarks.add(SHORT, line)
        return fields[self.index] if width > self.index else ""


def table_rows(lines: Lines, reading: Reading, remarks: Remarks) -> Iterator[Row | None]:
    """Yields the column of a table; None for a line that has no row.

    Without quotes each line is a row, and a table of one column has an empty text in a blank line.

    Raises:
        InputError: the header lacks the column or has it twice, or a row is malformed.
    """
    records = (_quoted if reading.quotes else _unquoted)(lines, reading, remarks.name)
    header = next((fields for _, fields in records if any(field.strip() for field in fields)), None)
    if header is None:
        return
    table = _Table(reading, remarks, len(header), _index(header, reading, remarks.name))
    blank = list[int]()
    for line, fields in records:
        if table.is_blank(fields):
            blank.append(line)
            yield None
            continue
        for number in blank if table.width == 1 else ():  # blank lines at the end of a file need no remark
            remarks.add(BLANK, number)
        blank.clear()
        yield Row(line, table.text(line, fields))


def _quoted(lines: Lines, reading: Reading, name: str) -> Records:
    import csv  # here, so that texts on the command line start faster

    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a C long, which has 32 bits on Windows
    reader = csv.reader((line + "\n" for line in lines), delimiter=reading.delimiter, strict=True)
    start = 1
    try:
        for fields in reader:
            yield start, fields
            start = reader.line_num + 1
    except csv.Error as error:
        hint = _other_delimiter(lines.last, reading) if start == 1 else None
        raise InputError(
            f"{name}, line {start}: expected rows that end in \\n or \\r\\n, with quotes in pairs ({error}); "
            + (hint or "fix the row, or give --no-quotes if quotes are text")
        ) from None


def _unquoted(lines: Lines, reading: Reading, name: str) -> Records:
    for line in lines:
        yield lines.number, line.removesuffix("\r").split(reading.delimiter)


def _index(header: list[str], reading: Reading, name: str) -> int:
    """Returns the place of the column of the texts in the header."""
    times = header.count(reading.column)
    if times > 1:
        raise InputError(f"{name}: expected one column {reading.column!r}, found {times}; rename the others")
    if not times:
        remedy = _other_delimiter(reading.delimiter.join(header), reading) or "name one with --column"
        found = ", ".join(map(repr, header))
        raise InputError(f"{name}: expected a column {reading.column!r}, found {found}; {remedy}")
    return header.index(reading.column)


def _other_delimiter(header: str, reading: Reading) -> str | None:
    """Returns what to do if another delimiter splits the header: where it finds the column, or where this one fails."""
    others = [mark for mark in DELIMITERS if mark != reading.delimiter and mark in header]
    named = [mark for mark in others if reading.column in (field.strip('"') for field in header.split(mark))]
    found = named or (others if reading.delimiter not in header else [])
    return f"the header seems to be separated by another character: --delimiter {_shown(found[0])}" if found else None


def _shown(delimiter: str) -> str:
    return "tab" if delimiter == "\t" else f"'{delimiter}'"
