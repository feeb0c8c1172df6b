"""Selects a preset by its name in a bundle's ``linnet.json``."""

import re
from collections.abc import Callable

from ..fields import malformed
from ..names import PREPROCESSING
from .edits import Edit, PreparedText, Preprocessor


def needs_tables(name: str) -> bool:
    """Returns whether bundles of the preset contain ``preprocessing.json``: emoji and classes of characters."""
    return name in _WITH_TABLES


def preprocessor(name: str, tables: bytes | None) -> Preprocessor:
    """Returns the preset called ``name``.

    Args:
        name: one of `PREPROCESSORS`.
        tables: the content of the bundle's ``preprocessing.json``, for presets that need it.

    Raises:
        BundleFormatError: the tables are missing or invalid.
        KeyError: no preset has this name.
    """
    if name in _PLAIN:
        return _PLAIN[name]
    read = _WITH_TABLES[name]
    if tables is None:
        raise malformed(f"expected {PREPROCESSING}, which the preprocessing {name!r} needs, found none")
    return read(tables)


def prepares_apart(name: str, text: str) -> bool:
    """Returns whether the preset called ``name`` prepares each part of a text without regard to distant ones."""
    return name not in _PAIRED or _PAIRED[name] not in text


def none(text: str) -> PreparedText:
    """Returns the text unchanged."""
    return PreparedText(text)


# The model cards split words at single spaces: a line break or a tab is part of a word.
_MENTION_OR_LINK = re.compile(r"(?<![^ ])(?:@[^ ]+|http[^ ]*)")


def tweeteval(text: str) -> PreparedText:
    """Prepares a text as the cardiffnlp model cards do: ``@anyone`` → ``@user``, ``http…`` → ``http``."""
    return PreparedText(text).edited(
        Edit(*match.span(), "@user" if match[0].startswith("@") else "http")
        for match in _MENTION_OR_LINK.finditer(text)
    )


# Imported only when a bundle needs them: their patterns take time to compile.
def _bertweet(tables: bytes) -> Preprocessor:
    from .bertweet import read_bertweet

    return read_bertweet(tables)


def _pysentimiento(tables: bytes) -> Preprocessor:
    from .pysentimiento import read_pysentimiento

    return read_pysentimiento(tables)


_PLAIN: dict[str, Preprocessor] = {"none": none, "tweeteval": tweeteval}
_WITH_TABLES: dict[str, Callable[[bytes], Preprocessor]] = {"bertweet": _bertweet, "pysentimiento": _pysentimiento}

_PAIRED = {"pysentimiento": "|"}
"""The character that a preset pairs with the next one, however far away, as in ``|some_name|``."""

PREPROCESSORS = (*_PLAIN, *_WITH_TABLES)
"""The names of the presets."""
