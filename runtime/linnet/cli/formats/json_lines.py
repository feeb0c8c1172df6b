"""Lines of JSON → rows."""

import json
from collections.abc import Iterator

from ...errors import InputError
from .lines import Lines
from .rows import Reading, Row


def json_rows(lines: Lines, reading: Reading, name: str) -> Iterator[Row | None]:
    """Yields the string, or with ``reading.scalars`` the scalar, under ``reading.column`` of each line's object.

    Yields None for a blank line.

    Raises:
        InputError: a line is no object, or has no such string.
    """
    for line in lines:
        place = f"{name}, line {lines.number}"
        yield Row(lines.number, _text(line, reading, place)) if line.strip() else None


def _text(line: str, reading: Reading, place: str) -> str:
    key = reading.column
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        remedy = "write one object per line: jq -c '.[]'" if line.startswith("[") else "fix the row"
        raise InputError(f"{place}: expected a JSON object: {error}; {remedy}") from None
    if not isinstance(row, dict) or key not in row:
        found = ", ".join(map(repr, row)) if isinstance(row, dict) else json.dumps(row)
        raise InputError(
            f"{place}: expected an object with {key!r}, found {found or 'an empty object'}; name the key with --column"
        )
    text = row[key]
    if reading.scalars and isinstance(text, (bool, int, float)):
        return json.dumps(text)
    if not isinstance(text, str):
        raise InputError(f"{place}: expected {key!r} to be a string, found {json.dumps(text)}; fix the row")
    if not text.isprintable() and any("\ud800" <= char <= "\udfff" for char in text):
        raise InputError(f"{place}: expected text, found a lone surrogate; fix the escape \\ud8… or \\udc…")
    return text
