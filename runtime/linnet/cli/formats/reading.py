"""Streams of bytes → rows, whatever the format."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from io import BufferedIOBase
from pathlib import Path

from ...errors import InputError
from ...fields import enumerated, nearest
from ...notes import tell
from .json_lines import json_rows
from .lines import Advance, Lines
from .remarks import Remarks
from .rows import FORMATS, Header, Item, Malformed, Reading, Reject, Row
from .suspicions import suspicion
from .tables import table_rows

READABLE = tuple(f".{name}" for name in FORMATS)


def reading_for(
    name: str,
    kind: str,
    column: str | None = None,
    delimiter: str | None = None,
    *,
    quotes: bool = True,
    errors: str = "strict",
) -> Reading:
    """Returns how to read an input of a kind, one of `FORMATS`.

    Raises:
        InputError: this kind has no columns, or no delimiter and quotes, or the delimiter is not one character.
    """
    if kind == "txt" and column is not None:
        raise InputError(
            f"{name}: text lines (txt) have no columns: omit --column, "
            "or name a .csv, .tsv, .jsonl or .parquet file with --input, or give --format csv, tsv, jsonl or parquet"
        )
    if kind in ("txt", "jsonl", "parquet") and (delimiter is not None or not quotes):
        option = "--no-quotes" if delimiter is None else "--delimiter"
        raise InputError(f"{name}: {option} is for tables, and the format is {kind}: omit it, or give --format csv")
    default = "tab" if kind == "tsv" else ","
    mark = _delimiter(default if delimiter is None else delimiter)
    return Reading(kind, "text" if column is None else column, mark, quotes and kind == "csv", errors)


def _delimiter(given: str) -> str:
    delimiter = "\t" if given in ("tab", "\\t") else given
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise InputError(f"--delimiter: expected one character, such as ';', or the word tab, found {given!r}")
    return delimiter


def format_of(path: Path) -> str:
    """Returns the format that a file's suffix names.

    Raises:
        InputError: the suffix names none, or there is no such file.
    """
    suffix = path.suffix.lower()
    if suffix not in READABLE and path.is_dir():
        raise InputError(f"{path}: expected a file, found a directory; name a file in it")
    if not suffix and not path.exists():
        raise InputError(f"{path}: {os.strerror(errno.ENOENT)}; name a file that can be read")
    if suffix not in READABLE:
        raise InputError(
            f"{path}: expected a file that ends in {', '.join(READABLE)}, found {suffix or 'no suffix'}; "
            f"name another file, or say what it is with --format {', '.join(FORMATS)}"
        )
    return suffix[1:]


def open_input(path: Path) -> BufferedIOBase:
    """Opens a file for reading.

    Raises:
        InputError: it cannot be opened.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}; name a file that can be read") from None


class Source:
    """Reads the rows of a stream lazily.

    Attributes:
        columns: the names of the columns, once the header is read; None for JSON lines.
        first: the first row, once it is read.
        remarks: what is remarkable.

    Args:
        stream: what to read.
        reading: how to read it.
        remarks: names the stream in messages, and counts what is remarkable.
        advance: receives the number of bytes that were just read.
        reject: receives each malformed row; by default it raises.
        wanted: the columns that have to be in the header.
    """

    def __init__(
        self,
        stream: BufferedIOBase,
        reading: Reading,
        remarks: Remarks,
        *,
        advance: Advance | None = None,
        reject: Reject | None = None,
        wanted: Sequence[str] = (),
    ) -> None:
        self.columns: list[str] | None = None
        self.first: Row | None = None
        self.remarks, self._reject, self._wanted = remarks, reject or self._raise, wanted
        self._lines = Lines(stream, remarks, errors=reading.errors, advance=advance)
        self._arriving = _arrives(stream) and reading.format != "parquet"
        self._items = self._read(stream, reading, advance)

    def parts(self) -> Iterator[Iterator[Row]]:
        """Yields the rows in parts; each part has to be used up before the next is asked for.

        A part ends where the next row has still to arrive, so that its texts need not wait; a file on a disk is
        one part. A part also ends where the reading fails: the error is raised when the next part is asked for.

        Raises:
            InputError: a line cannot be decoded, a table has no usable header, or `reject` raised.
        """
        failures, ended = list[InputError](), False

        def part() -> Iterator[Row]:
            nonlocal ended
            try:
                for item in self._items:
                    if isinstance(item, Row):
                        self.remarks.count(item.line, item.text)
                        self.first = self.first or item
                        yield item
                    elif item is not None:
                        self._heed(item)
                    if self._arriving and self._lines.drained:
                        return
            except InputError as error:
                failures.append(error)
            ended = True

        while not ended:
            yield part()
        if failures:
            raise failures[0]

    def _read(self, stream: BufferedIOBase, reading: Reading, advance: Advance | None) -> Iterator[Item]:
        if reading.format == "txt":
            return _plain_rows(self._lines, self.remarks.name)
        if reading.format == "jsonl":
            return json_rows(self._lines, reading)
        if reading.format == "parquet":
            from .parquet import parquet_rows  # here, because it imports an extra

            return parquet_rows(stream, reading, self.remarks.name, advance)
        return table_rows(self._lines, reading, self.remarks)

    def _heed(self, item: Header | Malformed) -> None:
        if isinstance(item, Malformed):
            self._reject(item)
            return
        self.columns = item.columns
        unknown = next((name for name in self._wanted if name not in item.columns), None)
        if unknown is not None:
            found = enumerated(item.columns)
            near = nearest(unknown, item.columns)
            meant = f"; did you mean {near!r}?" if near else ""
            raise InputError(f"{self.remarks.name}: --columns: expected a column {unknown!r}, found {found}{meant}")

    def _raise(self, found: Malformed) -> None:
        raise InputError(f"{self.remarks.name}, line {found.line}: {found.reason}")


def read_parts(
    stream: BufferedIOBase, reading: Reading, remarks: Remarks, advance: Advance | None = None
) -> Iterator[Iterator[Row]]:
    """Reads the rows of a stream as `Source.parts` does; a malformed row ends it.

    Raises:
        InputError: a line cannot be decoded, or a row is malformed.
    """
    return Source(stream, reading, remarks, advance=advance).parts()


def keys_of(path: Path, reading: Reading) -> list[str]:
    """Returns the keys that the objects of a file of JSON lines have, in the order in which they are found."""
    found = dict[str, None]()
    with open_input(path) as stream:
        for part in Source(stream, reading, Remarks(str(path)), reject=lambda _: None).parts():
            for row in part:
                found.update(dict.fromkeys(row.values))
    return list(found)


def _plain_rows(lines: Lines, name: str) -> Iterator[Item]:
    r"""Yields each line as a text, without its ``\n`` or ``\r\n``; a blank line is an empty text."""
    yield Header(["text"])
    for line in lines:
        number = lines.number
        if number == 1 and (suspected := suspicion(line)):
            tell(f"note: {name}: the first line {suspected}")
        damage = lines.damaged(number, number)
        text = line.removesuffix("\r")
        yield Malformed(number, damage, line) if damage else Row(number, text, (text,))


def _arrives(stream: BufferedIOBase) -> bool:
    """Returns whether the stream may have to be waited for: whether it is no file on a disk."""
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:  # a stream in memory has no descriptor
        return True


def read_file(path: Path, reading: Reading, *, silent: bool = False) -> Iterator[str]:
    """Reads the texts of a file lazily, and notes on standard error what is remarkable, unless ``silent``.

    Raises:
        InputError: the file cannot be opened, has no such column, or has a malformed row.
    """
    remarks = Remarks(str(path))
    with open_input(path) as stream:
        for part in read_parts(stream, reading, remarks):
            yield from (row.text for row in part)
    if not silent:
        remarks.tell()
