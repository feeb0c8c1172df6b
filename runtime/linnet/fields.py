"""Bytes → JSON objects → fields of the expected type."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from .errors import BundleFormatError

_KINDS: dict[type, str] = {int: "a whole number", float: "a number", str: "a string", list: "a list", dict: "an object"}
_T = TypeVar("_T")


def malformed(message: str) -> BundleFormatError:
    """Returns the error for a bundle with invalid content; the message adds what to do."""
    return BundleFormatError(f"{message}; convert the checkpoint again, or copy the bundle again")


@contextmanager
def naming(folder: Path) -> Iterator[None]:
    """Adds the bundle's folder to the message of any `BundleFormatError` raised in the ``with`` block."""
    try:
        yield
    except BundleFormatError as error:
        raise BundleFormatError(f"{folder}: {error}") from None


def parse_object(name: str, content: bytes) -> dict[str, Any]:
    """Returns the JSON object in a file's content; ``name`` is the file's name, for the message."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise malformed(f"{name}: expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise malformed(f"{name}: expected a JSON object, found {type(value).__name__}")
    return value


def field(values: Mapping[str, Any], name: str, key: str, kind: type[_T]) -> _T:
    """Returns the value of ``key``, checked to be a ``kind``; ``name`` is the file's name, for the message."""
    value = values.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise malformed(f"{name}: expected {key} to be {_KINDS[kind]}, found {value!r}")
    return value


def flag(values: Mapping[str, Any], name: str, key: str) -> bool:
    """Returns the true or false value of ``key``; False if the key is absent."""
    value = values.get(key, False)
    if not isinstance(value, bool):
        raise malformed(f"{name}: expected {key} to be true or false, found {value!r}")
    return value


def optional_field(values: Mapping[str, Any], name: str, key: str, kind: type[_T]) -> _T | None:
    """Returns the value of ``key`` as `field` does, or None if the key is absent or null."""
    return None if values.get(key) is None else field(values, name, key, kind)
