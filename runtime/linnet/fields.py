"""Bytes → JSON objects → fields of the expected type."""

import json
import math
import re
import reprlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from .errors import BundleFormatError

_KINDS: dict[type, str] = {int: "a whole number", float: "a number", str: "a string", list: "a list", dict: "an object"}
_T = TypeVar("_T")

_DIGITS = 1000
"""The most digits of a whole number that is read: the time to read one grows with the square of its digits."""
_INT64 = 1 << 63
"""The whole numbers that a bundle uses are smaller."""
_LONGEST_LINE = 1000
_MOST_NAMES = 20
_MOST_FOLDED, _LONGEST_FOLDED = 200, 100
_MOST_COMPARED, _LONGEST_COMPARED = 50, 32
"""`difflib` takes up to the cube of the length for two names: 50 pairs of 32 characters take some 5 ms at most."""
_ALIKE = 0.66
"""How alike two names are if one may be a typo of the other, from 0 to 1, as `difflib` measures it."""

_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxother = 200
_SHOWN.maxdict = _SHOWN.maxlist = _SHOWN.maxtuple = 20


_REMEDY = "; convert the checkpoint again, or copy the bundle again"


def malformed(message: str) -> BundleFormatError:
    """Returns the error for a bundle with invalid content; the message adds what to do."""
    return BundleFormatError(f"{message}{_REMEDY}")


def without_remedy(error: BundleFormatError) -> str:
    """Returns the message of an error without what `malformed` adds, for a caller who knows another remedy."""
    return str(error).removesuffix(_REMEDY)


def shown(value: object) -> str:
    """Returns a value as a message shows it, shortened if it is long."""
    return _SHOWN.repr(value)


def enumerated(names: Iterable[object]) -> str:
    """Returns names as a message enumerates them: at most 20, each shortened if it is long; empty without any."""
    found = list(names)
    more = f", and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return ", ".join(map(shown, found[:_MOST_NAMES])) + more


def nearest(name: object, names: Iterable[str]) -> str | None:
    """Returns the one of some names that was probably meant by a name that is not among them; None if none is like it.

    Names that differ only by case and by spaces, dashes and underscores come first. Of very many names, only the first
    are looked at, and no long ones: a hostile input may have millions.
    """
    from difflib import get_close_matches  # here, because only errors need it

    if not isinstance(name, str) or len(name) > _LONGEST_FOLDED:
        return None
    known = [each for each in islice(names, _MOST_FOLDED) if len(each) <= _LONGEST_FOLDED]
    same = next((each for each in known if _folded(each) == _folded(name)), None)
    if same or len(name) > _LONGEST_COMPARED:
        return same
    short = [each for each in known if len(each) <= _LONGEST_COMPARED][:_MOST_COMPARED]
    return next(iter(get_close_matches(name, short, n=1, cutoff=_ALIKE)), None)


def meant(name: object, names: Iterable[str], otherwise: str) -> str:
    """Returns what to do about a name that is not among some: give the one that was probably meant, else ``otherwise``."""
    near = nearest(name, names)
    return f"did you mean {near!r}?" if near else otherwise


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


@contextmanager
def naming(folder: Path) -> Iterator[None]:
    """Adds the bundle's folder to the message of any `BundleFormatError` raised in the ``with`` block."""
    try:
        yield
    except BundleFormatError as error:
        raise BundleFormatError(f"{folder}: {error}") from None


def parse_object(name: str, content: bytes) -> dict[str, Any]:
    """Returns the JSON object in a file's content; ``name`` is the file's name, for the message.

    Raises:
        BundleFormatError: it is not the JSON of an object, has a key twice, a number that is not finite or has more
            than 1,000 digits, or text that UTF-8 cannot represent.
    """
    try:
        text = content.decode()
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_whole, parse_float=_finite, parse_constant=_finite
        )
        if "\\u" in text:  # only an escape can be a lone surrogate
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise malformed(f"{name}: expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise malformed(f"{name}: expected a JSON object, found {type(value).__name__}")
    return value


def field(values: Mapping[str, Any], name: str, key: str, kind: type[_T]) -> _T:
    """Returns the value of ``key``, checked to be a ``kind``; ``name`` is the file's name, for the message."""
    value = values.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise malformed(f"{name}: expected {key} to be {_KINDS[kind]}, found {shown(value)}")
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise malformed(f"{name}: expected {key} to be a whole number of 64 bits, found {shown(value)}")
    return value


def flag(values: Mapping[str, Any], name: str, key: str) -> bool:
    """Returns the true or false value of ``key``; False if the key is absent."""
    value = values.get(key, False)
    if not isinstance(value, bool):
        raise malformed(f"{name}: expected {key} to be true or false, found {shown(value)}")
    return value


def optional_field(values: Mapping[str, Any], name: str, key: str, kind: type[_T]) -> _T | None:
    """Returns the value of ``key`` as `field` does, or None if the key is absent or null."""
    return None if values.get(key) is None else field(values, name, key, kind)


def line(values: Mapping[str, Any], name: str, key: str) -> str:
    """Returns the text at ``key``, checked to be one line that can be shown."""
    found = field(values, name, key, str)
    if len(found) > _LONGEST_LINE or not found.isprintable():
        raise malformed(
            f"{name}: expected {key} to be a line of at most {_LONGEST_LINE} characters, found {shown(found)}"
        )
    return found


def optional_line(values: Mapping[str, Any], name: str, key: str) -> str | None:
    """Returns the text at ``key`` as `line` does, or None if the key is absent or null."""
    return None if values.get(key) is None else line(values, name, key)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"found the key {shown(twice)} twice")
    return found


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(f"found a number of {len(digits)} digits")
    return int(digits)


def _finite(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(f"found the number {shown(digits)}")
    return found
