"""Files and standard input → texts, lazily."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO, TypeVar

from linnet.errors import InputError
from linnet.notes import tell

_T = TypeVar("_T")

_BLOCK = 1 << 20  # bytes, the most that are read at once

READABLE = (".txt", ".csv", ".tsv", ".jsonl")

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # how it begins, in either order of its bytes

Advance = Callable[[int], None]
"""Is told how many more bytes were read."""


def read_lines(stream: BinaryIO, name: str, advance: Advance = lambda _: None) -> Iterator[str]:
    r"""The lines of a UTF-8 stream, split on ``\n`` only, each without its ``\n`` or ``\r\n``; a blank one is an empty text.

    Raises:
        InputError: a line is not UTF-8; the message names it.
    """
    return (line.removesuffix("\r") for line in _lines(stream, name, advance))


def _lines(stream: BinaryIO, name: str, advance: Advance) -> Iterator[str]:
    r"""The same with the ``\r``, which a quoted field of a table may have before its own ``\n``."""
    for number, line in enumerate(stream, 1):
        advance(len(line))
        yield _decoded(line.removesuffix(b"\n"), name, number)


def read_arriving(stream: BufferedIOBase, name: str) -> Iterator[list[str]]:
    """The same lines as they arrive: those that are there at once, then those that have come in the meantime.

    Raises:
        InputError: a line is not UTF-8; the message names it.
    """
    number, pieces = 1, list[bytes]()  # of a line whose end is yet to come
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
    """Texts of the command line, of which Python makes lone surrogates what is not UTF-8.

    Raises:
        InputError: one is not UTF-8; the message says which.
    """
    for number, text in enumerate(texts, 1):
        with suppress(UnicodeEncodeError):  # a surrogate of another origin, which the model names
            raw = text.encode("utf-8", "surrogateescape")
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError as error:
                raise _not_utf8(f"argument {number}", error, "latin1") from None


def noting_none(found: Iterable[_T], name: str) -> Iterator[_T]:
    """The same; standard error is told of a source that has none."""
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
    """The texts of a file, read by its suffix: ``.txt`` a text a line, else the named column.

    Args:
        path: a ``.txt``, ``.csv``, ``.tsv`` or ``.jsonl`` file in UTF-8.
        column: the column, or the key of each JSON object; ``text`` by default.
        advance: is told how many more bytes were read.

    Raises:
        InputError: no such file, an unknown suffix, no such column, or a malformed row.
    """
    suffix = path.suffix.lower()
    if suffix not in READABLE:
        raise InputError(f"{path}: expected a file that ends in {', '.join(READABLE)}, found {suffix or 'no suffix'}")
    if suffix == ".txt" and column is not None:
        raise InputError(f"{path}: a .txt file has no columns: leave --column out, or give a .csv, .tsv or .jsonl file")
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
    import csv  # which texts on the command line need not wait for

    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a C long, which Windows keeps short
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
                    f"{path}, line {reader.line_num}: expected at least {index + 1} fields, found {len(row)}; mend the row"
                )
            yield row[index]
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}: expected rows that end in \\n or \\r\\n, with quotes in pairs ({error}); mend the row"
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
                f"{path}, line {number}: expected an object with {column!r}, found {found or 'nothing in it'}; "
                "name the key with --column"
            )
        text = row[column]
        if not isinstance(text, str):
            raise InputError(
                f"{path}, line {number}: expected {column!r} to be a string, found {json.dumps(text)}; mend the row"
            )
        if not text.isprintable() and any("\ud800" <= char <= "\udfff" for char in text):
            raise InputError(f"{path}, line {number}: a lone surrogate is no text; mend the escape \\ud8… or \\udc…")
        yield text
