"""Reads texts lazily from files and from standard input."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO, TypeVar

from ...errors import InputError
from ...notes import tell

_T = TypeVar("_T")

_BLOCK = 1 << 20  # bytes read at once, at most

READABLE = (".txt", ".csv", ".tsv", ".jsonl")

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # the byte order marks of UTF-16

Advance = Callable[[int], None]
"""Receives the number of bytes that were just read."""


def read_lines(stream: BinaryIO, name: str, advance: Advance = lambda _: None) -> Iterator[str]:
    r"""Reads the lines of a UTF-8 stream, split on ``\n`` only.

    Lines lose their ``\n`` or ``\r\n``; a blank line is an empty text.

    Raises:
        InputError: a line is not UTF-8; the message names it.
    """
    return (line.removesuffix("\r") for line in _lines(stream, name, advance))


def _lines(stream: BinaryIO, name: str, advance: Advance) -> Iterator[str]:
    r"""Reads lines without their ``\n`` but with their ``\r``: a quoted field of a table may contain ``\r\n``."""
    for number, line in enumerate(stream, 1):
        advance(len(line))
        yield _decoded(line.removesuffix(b"\n"), name, number)


def read_arriving(stream: BufferedIOBase, name: str) -> Iterator[list[str]]:
    """Reads the lines of a UTF-8 stream as they arrive; each list has the lines that arrived since the last one.

    Raises:
        InputError: a line is not UTF-8; the message names it.
    """
    number, pieces = 1, list[bytes]()  # of a line whose end has not arrived
    while block := stream.read1(_BLOCK):
        whole, newline, rest = block.rpartition(b"\n")
        if newline:
            lines = b"".join([*pieces, whole]).split(b"\n")
            yield [_decoded(line, name, number + index).removesuffix("\r") for index, line in enumerate(lines)]
            number, pieces = number + len(lines), []
        pieces += [rest] if rest else []
    if pieces:
        yield [_decoded(b"".join(pieces), name, number).removesuffix("\r")]


def check_arguments(texts: Sequence[str]) -> None:
    """Checks that the texts on the command line are UTF-8.

    Python decodes argument bytes that are not UTF-8 as lone surrogates.

    Raises:
        InputError: a text is not UTF-8; the message gives its number.
    """
    for number, text in enumerate(texts, 1):
        with suppress(UnicodeEncodeError):  # a surrogate from elsewhere: the model reports it
            raw = text.encode("utf-8", "surrogateescape")
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError as error:
                raise _not_utf8(f"argument {number}", error, "latin1") from None


def noting_none(found: Iterable[_T], name: str) -> Iterator[_T]:
    """Yields the texts unchanged; prints a note to standard error if there are none."""
    none = True
    for each in found:
        none = False
        yield each
    if none:
        tell(f"note: {name} has no texts")


def _decoded(line: bytes, name: str, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        encoding = "utf-16" if number == 1 and line.startswith(_UTF_16) else "latin1"
        raise _not_utf8(f"{name}, line {number}", error, encoding) from None


def _not_utf8(place: str, error: UnicodeDecodeError, encoding: str) -> InputError:
    return InputError(
        f"{place}: expected UTF-8, found byte {error.object[error.start]:#04x} at position {error.start}; "
        f"convert it first, for example: iconv -f {encoding} -t utf-8"
    )


def read_file(path: Path, column: str | None = None, advance: Advance = lambda _: None) -> Iterator[str]:
    """Reads the texts of a file by its suffix: one text per line of a ``.txt`` file, else the named column.

    Args:
        path: a ``.txt``, ``.csv``, ``.tsv`` or ``.jsonl`` file in UTF-8.
        column: the column, or the key of each JSON object; ``text`` by default.
        advance: receives the number of bytes that were just read.

    Raises:
        InputError: no such file, an unknown suffix, no such column, or a malformed row.
    """
    suffix = path.suffix.lower()
    if suffix not in READABLE:
        raise InputError(f"{path}: expected a file that ends in {', '.join(READABLE)}, found {suffix or 'no suffix'}")
    if suffix == ".txt" and column is not None:
        raise InputError(f"{path}: a .txt file has no columns: omit --column, or give a .csv, .tsv or .jsonl file")
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}; name a file that can be read") from None
    read = read_lines if suffix == ".txt" else _lines
    lines = _without_byte_order_mark(_closing(stream, read(stream, str(path), advance)))
    if suffix == ".txt":
        return lines
    if suffix == ".jsonl":
        return _json_column(lines, path, column or "text")
    return _table_column(lines, path, column or "text", "," if suffix == ".csv" else "\t")


def _closing(stream: BinaryIO, lines: Iterator[str]) -> Iterator[str]:
    with stream:
        yield from lines


def _without_byte_order_mark(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield line.removeprefix("\ufeff") if number == 0 else line


def _table_column(lines: Iterator[str], path: Path, column: str, delimiter: str) -> Iterator[str]:
    import csv  # here, so that texts on the command line start faster

    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a C long, which has 32 bits on Windows
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
        if column not in header:
            raise InputError(
                f"{path}: expected a column {column!r}, found {', '.join(map(repr, header)) or 'an empty file'}; "
                "name one with --column"
            )
        index = header.index(column)
        for row in reader:
            if not row:
                continue
            if len(row) <= index:
                raise InputError(
                    f"{path}, line {reader.line_num}: expected at least {index + 1} fields, "
                    f"found {len(row)}; fix the row"
                )
            yield row[index]
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}: expected rows that end in \\n or \\r\\n, with quotes in pairs ({error}); "
            "fix the row"
        ) from None


def _json_column(lines: Iterator[str], path: Path, column: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}, line {number}: expected a JSON object: {error}") from None
        if not isinstance(row, dict) or column not in row:
            found = ", ".join(map(repr, row)) if isinstance(row, dict) else json.dumps(row)
            raise InputError(
                f"{path}, line {number}: expected an object with {column!r}, found {found or 'an empty object'}; "
                "name the key with --column"
            )
        text = row[column]
        if not isinstance(text, str):
            raise InputError(
                f"{path}, line {number}: expected {column!r} to be a string, found {json.dumps(text)}; fix the row"
            )
        if not text.isprintable() and any("\ud800" <= char <= "\udfff" for char in text):
            raise InputError(
                f"{path}, line {number}: expected text, found a lone surrogate; fix the escape \\ud8… or \\udc…"
            )
        yield text
