"""Streams of bytes → rows, by the format."""

import os
import stat
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from ...errors import InputError
from ...notes import tell
from .json_lines import json_rows
from .lines import Advance, Lines
from .remarks import Remarks
from .rows import FORMATS, Reading, Row
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
            "or name a .csv, .tsv or .jsonl file with --input, or give --format csv, tsv or jsonl"
        )
    if kind in ("txt", "jsonl") and (delimiter is not None or not quotes):
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
        InputError: the suffix names none.
    """
    suffix = path.suffix.lower()
    if suffix not in READABLE and path.is_dir():
        raise InputError(f"{path}: expected a file, found a directory; name a file in it")
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


def read_parts(
    stream: BufferedIOBase, reading: Reading, remarks: Remarks, advance: Advance | None = None
) -> Iterator[Iterator[Row]]:
    """Reads the rows of a stream lazily, in parts; each part has to be used up before the next is asked for.

    A part ends where the next row has still to arrive, so that its texts need not wait; a file on a disk is
    one part. A part also ends where the reading fails: the error is raised when the next part is asked for.

    Raises:
        InputError: a line cannot be decoded, or a row is malformed.
    """
    lines = Lines(stream, remarks, errors=reading.errors, advance=advance)
    rows, arriving = _rows(lines, reading, remarks), _arrives(stream)
    failures, ended = list[InputError](), False

    def part() -> Iterator[Row]:
        nonlocal ended
        try:
            for row in rows:
                if row is not None:
                    remarks.count(row.line, row.text)
                    yield row
                if arriving and lines.drained:
                    return
        except InputError as error:
            failures.append(error)
        ended = True

    while not ended:
        yield part()
    if failures:
        raise failures[0]


def _rows(lines: Lines, reading: Reading, remarks: Remarks) -> Iterator[Row | None]:
    if reading.format == "txt":
        return _plain_rows(lines, remarks.name)
    if reading.format == "jsonl":
        return json_rows(lines, reading, remarks.name)
    return table_rows(lines, reading, remarks)


def _plain_rows(lines: Lines, name: str) -> Iterator[Row]:
    r"""Yields each line as a text, without its ``\n`` or ``\r\n``; a blank line is an empty text."""
    for line in lines:
        if lines.number == 1 and (suspected := suspicion(line)):
            tell(f"note: {name}: the first line {suspected}")
        yield Row(lines.number, line.removesuffix("\r"))


def _arrives(stream: BufferedIOBase) -> bool:
    """Returns whether the stream may have to be waited for: whether it is no file on a disk."""
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:  # a stream in memory has no descriptor
        return True


def read_file(path: Path, reading: Reading) -> Iterator[str]:
    """Reads the texts of a file lazily, and notes on standard error what is remarkable.

    Raises:
        InputError: the file cannot be opened, has no such column, or has a malformed row.
    """
    remarks = Remarks(str(path))
    with open_input(path) as stream:
        for part in read_parts(stream, reading, remarks):
            yield from (row.text for row in part)
    remarks.tell()
