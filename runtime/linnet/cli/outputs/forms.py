"""The rows of tables and of JSON lines, as text."""

import json
from collections.abc import Callable, Iterable
from datetime import date, time
from typing import Any, NamedTuple

from ...names import free_names
from ...notes import tell
from ..formats.nul import hidden, shown
from ..formats.rows import Row
from .answers import Answers
from .columns import Kept

Render = Callable[[Row, Any], str]
"""Renders a row and its answer as one line, including the line break."""


class Form(NamedTuple):
    """A header, which may be empty, and what renders the rows after it."""

    header: str
    render: Render


def csv_form(kept: Kept, answers: Answers[Any]) -> Form:
    """Returns the form of a CSV file: the kept columns, then the answers."""
    return _table(kept, answers, csv_line())


def tsv_form(kept: Kept, answers: Answers[Any]) -> Form:
    """Returns the form of a TSV file, which has no quotes and no escapes: tabs and line breaks become spaces."""
    return _table(kept, answers, _tsv_line)


def json_form(kept: Kept, answers: Answers[Any]) -> Form:
    """Returns the form of JSON lines in a file: what the object held, then the answers."""
    members, give, keys = kept.members(), answers.members, _free(answers.keys, kept)
    reserved = set(keys)

    def render(row: Row, answer: Any) -> str:
        values = members(row)
        if not reserved.isdisjoint(values):  # a key that the first object lacks
            values = dict(zip(free_names(values, reserved), values.values(), strict=True))
        return _encode({**values, **dict(zip(keys, give(answer), strict=True))}) + "\n"

    return Form("", render)


def contract_form(kept: Kept, answers: Answers[Any], column: str) -> Form:
    """Returns the form of JSON lines on standard output: the text and the answers, then what else is kept."""
    members, give, keys = kept.members(), answers.members, answers.keys
    reserved = {"text", *keys}

    def render(row: Row, answer: Any) -> str:
        values = members(row)
        if column == "text":
            values.pop("text", None)
        if not reserved.isdisjoint(values):
            values = dict(zip(free_names(values, reserved), values.values(), strict=True))
        return _encode({"text": row.text, **dict(zip(keys, give(answer), strict=True)), **values}) + "\n"

    return Form("", render)


def cell(value: Any) -> str:
    """Returns a value as a table holds it: a text as it is, nothing for a missing one, else JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else _encode(value)


def _table(kept: Kept, answers: Answers[Any], line: Callable[[Iterable[str]], str]) -> Form:
    values, cells = kept.values(), answers.cells
    names = [*kept.names, *_free(answers.names, kept)]
    return Form(line(names), lambda row, answer: line(map(cell, (*values(row), *cells(answer)))))


def _free(names: tuple[str, ...], kept: Kept) -> list[str]:
    """Returns the names of the answers beside the kept columns; tells those that are not as usual."""
    found = free_names(names, kept.names)
    for name, free in zip(names, found, strict=True):
        if name != free:
            tell(f"note: the input has a column {name!r}: the answer's is {free!r}")
    return found


def csv_line() -> Callable[[Iterable[str]], str]:
    """Returns a function: the fields of a row → its line of CSV."""
    import csv  # here, so that other outputs start faster

    class _Echo:
        def write(self, row: str) -> str:
            return shown(row.removesuffix("\r\n")) + "\n"

    write = csv.writer(_Echo(), lineterminator="\r\n").writerow  # quotes a lone \r too

    def line(fields: Iterable[str]) -> str:
        text: Any = write([hidden(field) for field in fields])
        return str(text)

    return line


_SPACES = str.maketrans("\t\n\r", "   ")


def _tsv_line(fields: Iterable[str]) -> str:
    return "\t".join(field if field.isprintable() else field.translate(_SPACES) for field in fields) + "\n"


def _plain(value: object) -> object:
    """Returns what stands for a value that JSON does not have, such as a date of a Parquet file."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


_encode = json.JSONEncoder(ensure_ascii=False, default=_plain).encode
