"""Lines of CSV or TSV → rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import InputError
from ...fields import enumerated
from ...notes import counted
from .lines import Lines
from .remarks import BLANK, LONG, SHORT, Remarks
from .rows import Header, Item, Malformed, Reading, Row, naming_remedy

DELIMITERS = ("\t", ";", ",", "|")


@dataclass(frozen=True)
class _Table:
    reading: Reading
    remarks: Remarks
    width: int  # the number of the header's fields
    index: int  # of the column of the texts

    def is_blank(self, fields: list[str]) -> bool:
        """Returns whether a line has no row. Without quotes, a blank line is how one column holds an empty text."""
        return not fields if self.reading.quotes else fields == [""] and self.width > 1

    def row(self, line: int, fields: list[str], raw: str) -> Row | Malformed:
        """Returns a row with as many values as the header has.

        Without quotes every line is a row, so that one whose fields are missing is no sign of rows that ran together.
        """
        width, quotes = len(fields), self.reading.quotes
        if width == self.width:
            return Row(line, fields[self.index], fields)
        if width > self.width and (quotes or self.reading.delimiter != "\t"):
            mark = repr(self.reading.delimiter)
            remedy = f"quote a field that contains {mark}" if quotes else f"separate the fields by tabs, not by {mark}"
            return Malformed(
                line,
                f"expected {counted(self.width, 'field')} as in the header, found {width}; "
                f"{remedy}, or name every column in the header",
                raw,
            )
        if any(map(str.strip, fields[self.width :])):
            self.remarks.add(LONG, line)
        if width <= self.index and quotes:
            return Malformed(line, f"expected at least {self.index + 1} fields, found {width}; fix the row", raw)
        if width < self.width:
            self.remarks.add(SHORT, line)
        values = [*fields[: self.width], *[""] * (self.width - width)]
        return Row(line, values[self.index], values)


def table_rows(lines: Lines, reading: Reading, remarks: Remarks) -> Iterator[Item]:
    """Yields the header and the rows of a table; None for a line that has no row.

    Without quotes each line is a row, and a table of one column has an empty text in a blank line.

    Raises:
        InputError: the header is malformed, lacks the column of the texts, or has it twice.
    """
    from .records import records  # here, so that texts on the command line start faster

    found = records(lines, reading)
    header = next((each for each in found if isinstance(each, Malformed) or any(map(str.strip, each.fields))), None)
    if header is None:
        return
    if isinstance(header, Malformed):
        other = _other_delimiter(header.raw.split("\n")[0], reading)
        reason = f"{header.reason.partition('; ')[0]}; {other}" if other else header.reason
        raise InputError(f"{remarks.name}, line {header.line}: {reason}")
    table = _Table(reading, remarks, len(header.fields), _index(header.fields, reading, remarks.name))
    yield Header(header.fields)
    blank = list[int]()
    for each in found:
        if isinstance(each, Malformed):
            yield each
        elif table.is_blank(each.fields):
            blank.append(each.line)
            yield None
        else:
            for number in blank if table.width == 1 else ():  # blank lines at the end of a file need no remark
                remarks.add(BLANK, number)
            blank.clear()
            yield table.row(*each)


def _index(header: list[str], reading: Reading, name: str) -> int:
    """Returns the place of the column of the texts in the header."""
    times = header.count(reading.column)
    if times > 1:
        raise InputError(f"{name}: expected one column {reading.column!r}, found {times}; rename the others")
    if not times:
        remedy = _other_delimiter(reading.delimiter.join(header), reading) or naming_remedy(
            reading.column, header, "--column", "name one with --column"
        )
        found = enumerated(header)
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
