"""A text → what it probably is instead."""

import json

from .tables import DELIMITERS

_NAMES = ("text", "tweet", "content", "sentence", "message", "review", "comment")
"""Names of columns with texts, as headers of tables have them."""


def suspicion(line: str) -> str | None:
    """Returns what the first line of a text file suggests that the file is, and what to do; None if nothing."""
    if _is_json(line):
        return "looks like JSON: to read a text from each object, give --format jsonl"
    if any(_is_header(line.split(mark)) for mark in DELIMITERS):
        return "looks like the header of a table: to read its column, give --format csv or tsv, and --column"
    if line.count("\t") > 1:
        return "looks like a row of a table: to read a column, give --format tsv, and a header"
    if "\r" in line.removesuffix("\r"):
        return "has line ends of \\r alone, which do not end a line: convert them: tr '\\r' '\\n'"
    return None


def _is_header(fields: list[str]) -> bool:
    names = [field.strip('"').lower() for field in fields]
    return len(names) > 1 and all(name and " " not in name for name in names) and any(name in _NAMES for name in names)


def _is_json(line: str) -> bool:
    if line.strip() in ("[", "{"):
        return True
    try:
        return line.lstrip().startswith(("{", "[")) and isinstance(json.loads(line), (dict, list))
    except (ValueError, RecursionError):
        return False
