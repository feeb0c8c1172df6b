"""Lines of JSON → rows."""

import json
from collections.abc import Iterator
from functools import lru_cache

from ...fields import enumerated
from .lines import Lines
from .rows import Item, Malformed, Reading, Row, naming_remedy

_ONE_A_LINE = "write one object per line: jq -c '.[]'"
_LONGEST_SHOWN = 200  # characters of a value in a message


def json_rows(lines: Lines, reading: Reading) -> Iterator[Item]:
    """Yields a row for each line's object, and None for a blank line.

    The text is the string under ``reading.column``.
    """
    for line in lines:
        number = lines.number
        damage = lines.damaged(number, number)
        if damage:
            yield Malformed(number, damage, line)
        elif line.strip():
            yield _row(number, line, reading)
        else:
            yield None


def _row(number: int, line: str, reading: Reading) -> Row | Malformed:
    key = reading.column
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        remedy = _ONE_A_LINE if line.startswith("[") else "fix the row"
        return Malformed(number, f"expected a JSON object: {error}; {remedy}", line)
    if not isinstance(values, dict) or key not in values:
        found = enumerated(values) or "an empty object" if isinstance(values, dict) else _shown(values)
        remedy = _remedy(key, tuple(values) if isinstance(values, dict) else ())
        if isinstance(values, list) and any(isinstance(each, dict) for each in values):
            remedy = _ONE_A_LINE
        return Malformed(
            number,
            f"expected an object with {key!r}, found {found}; {remedy}",
            line,
        )
    text = values[key]
    if not isinstance(text, str):
        return Malformed(number, f"expected {key!r} to be a string, found {_shown(text)}; fix the row", line)
    if ("\\ud" in line or "\\uD" in line) and not _is_encodable(json.dumps(values, ensure_ascii=False)):
        return Malformed(number, "expected text, found a lone surrogate; fix the escape \\ud8… or \\udc…", line)
    return Row(number, text, values)


@lru_cache(maxsize=8)  # all rows of a file may lack the key, and most have the same keys
def _remedy(key: str, known: tuple[str, ...]) -> str:
    return naming_remedy(key, known, "--column", "name the key with --column")


def _shown(value: object) -> str:
    """Returns a value as JSON, cut if it is long."""
    return json.dumps(value)[:_LONGEST_SHOWN]


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
