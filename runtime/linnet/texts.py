"""The caller's argument → a checked list of texts."""

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from time import monotonic

from .errors import TextTypeError, TextValueError

Texts = str | Iterable[str]
"""One text, or several."""

CHARACTERS = 1 << 22
"""The number of characters at which a chunk ends, however few its texts are, so that long texts do not add up."""

PATIENCE = 0.2
"""Seconds after which the next text ends its chunk, so that the texts of a slow producer do not wait."""

_MISSING = {"NoneType", "NAType", "NaTType", "MaskedConstant"}
"""The types of what stands for a missing value: Python's, two of pandas, and numpy's. No package is imported for it."""


def as_texts(texts: Texts) -> list[str]:
    """Returns the texts as a list; a single ``str`` gives a list of one.

    Raises:
        TextTypeError: a text is not a ``str``; the message names its index. Or the argument is no list of texts,
            such as a table, a dict or a set.
        TextValueError: a text has a lone surrogate.
    """
    return list(iterate_texts(texts))


def iterate_texts(texts: Texts) -> Iterator[str]:
    """Yields the texts one by one, each checked when it is yielded."""
    if isinstance(texts, str):
        texts = [texts]
    remedy = _remedy_for_several(texts)
    try:
        several = None if remedy else iter(texts)
    except TypeError:  # it is not iterable, whatever its class says
        several = None
    if several is None:
        found = f"{type(texts).__name__}{remedy or _remedy(texts)}"
        raise TextTypeError(f"expected a str or an iterable of str, found {found}")
    for index, text in enumerate(several):
        check(text, index)
        yield text


def chunks(texts: Texts, size: int) -> Iterator[list[str]]:
    """Yields the texts in lists of at most ``size``, shorter ones if texts are long or arrive slowly."""
    chunk: list[str] = []
    characters = 0
    for text in iterate_texts(texts):
        if not chunk:
            last = monotonic() + PATIENCE
        chunk.append(text)
        characters += len(text)
        if len(chunk) == size or characters >= CHARACTERS or monotonic() > last:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def check(text: object, index: int) -> None:
    """Checks one text; the message names its index.

    Raises:
        TextTypeError: it is not a ``str``.
        TextValueError: it has a lone surrogate.
    """
    if not isinstance(text, str):
        raise TextTypeError(f"text {index}: expected a str, found {type(text).__name__}{_remedy(text)}")
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TextValueError(
            f"text {index}: lone surrogate {text[error.start]!r} at character {error.start}; "
            "decode the text as UTF-8, or replace it: text.encode('utf-8', 'replace').decode()"
        ) from None


def _remedy_for_several(found: object) -> str:
    """Returns what to give instead of what is iterable, but is no list of texts; an empty string for anything else."""
    if isinstance(found, (bytes, bytearray, memoryview)):
        return _remedy(found)
    if isinstance(found, type):
        return ", a class; give texts"
    if any(hasattr(type(found), name) for name in ("__dataframe__", "columns", "column_names")):
        return ", a table; give one of its columns: table['text']"
    if isinstance(found, Mapping):
        return ", which gives its keys; give a list: list(value.values()) or list(value)"
    if isinstance(found, (set, frozenset)):
        return ", which has no order; give a list: sorted(value)"
    if isinstance(found, io.IOBase) and not isinstance(found, io.TextIOBase):
        return ", a file of bytes; open it as text: open(path, encoding='utf-8')"
    dimensions = getattr(found, "ndim", 1)
    if dimensions == 0:
        return _remedy(found)
    if dimensions != 1:
        return f" with {dimensions} dimensions; give one column: value[:, 0]"
    return ""


def _remedy(found: object) -> str:
    """Returns what to give instead of what is no text."""
    if isinstance(found, (bytes, bytearray)):
        return "; decode it first: value.decode('utf-8')"
    if isinstance(found, memoryview):
        return "; decode it first: bytes(value).decode('utf-8')"
    if is_missing(found):
        return "; give '' for a missing text, or drop it"
    if isinstance(found, os.PathLike):
        return "; read it first: value.read_text(encoding='utf-8')"
    if isinstance(found, tuple) and len(found) == 2:
        return ", a pair of texts, which this model does not read; give one text"
    if hasattr(found, "as_py"):  # a value of pyarrow
        return "; convert the column first: column.to_pylist()"
    if getattr(found, "ndim", None) == 0:
        return ", a single value; convert it first: str(value.item())"
    if isinstance(found, Mapping):
        return "; give its text: value['text']"
    if isinstance(found, Iterable):
        return "; give one flat list of texts, or convert it first: str(value)"
    return "; convert it first: str(value)"


def is_missing(found: object) -> bool:
    """Returns True for None, NaN, and what packages for tables have instead."""
    if type(found).__name__ in _MISSING or getattr(found, "is_valid", True) is False:  # pyarrow's null
        return True
    try:
        return bool(found != found)  # NaN and NaT of any package
    except Exception:  # of several values, each package in its own way
        return False
