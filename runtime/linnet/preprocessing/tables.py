"""Reads ``preprocessing.json``: tables in the bundle, so that answers do not depend on the version of Python."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..fields import field, malformed, parse_object, shown
from ..names import PREPROCESSING

_REMEMBERED = 1 << 14
"""The number of characters whose class is cached: enough for a few languages, not for all of Unicode."""

_CODE_POINTS = 0x110000
_LONGEST_KEY, _LONGEST_TEXT = 32, 128
"""The most characters of an emoji and of its name: the longest that Linnet writes have 10 and 76."""


@dataclass(frozen=True)
class CharacterSet:
    """A set of characters by code point: from each even-numbered boundary up to, not including, the next one."""

    boundaries: tuple[int, ...]

    def __contains__(self, code: int) -> bool:
        return bisect_right(self.boundaries, code) % 2 == 1

    def first_of_run(self, code: int) -> int:
        """Returns the first code point of the run of consecutive characters that contains ``code``."""
        return self.boundaries[bisect_right(self.boundaries, code) - 1]


class Classes(dict[int, str]):
    """A table for `str.translate`: each character beyond ASCII → the stand-in of the first set that contains it.

    The stand-ins have the same class in every version of Unicode, so patterns match the same everywhere. ASCII
    characters stay as they are.
    """

    def __init__(self, sets: Mapping[str, CharacterSet], otherwise: str, known: Mapping[str, str]) -> None:
        """Takes ``sets``, stand-in → set, and ``known``, single character → stand-in, which take precedence."""
        super().__init__({ord(character): stand_in for character, stand_in in known.items()})
        self._sets = tuple(sets.items())
        self._otherwise = otherwise

    def __missing__(self, code: int) -> str:
        found = chr(code) if code < 128 else self._classified(code)
        if len(self) < _REMEMBERED:
            self[code] = found
        return found

    def of(self, text: str) -> str:
        """Returns the stand-ins of a text, with the same length."""
        return text if text.isascii() else text.translate(self)

    def _classified(self, code: int) -> str:
        return next((stand_in for stand_in, characters in self._sets if code in characters), self._otherwise)


def read_tables(content: bytes, preset: str) -> dict[str, Any]:
    """Returns the tables of a preset.

    Raises:
        BundleFormatError: the content is not a JSON object, or has the tables of another preset.
    """
    tables = parse_object(PREPROCESSING, content)
    if (found := field(tables, PREPROCESSING, "preset", str)) != preset:
        raise malformed(f"{PREPROCESSING}: expected the tables of {preset!r}, found those of {shown(found)}")
    return tables


def characters(tables: Mapping[str, Any], key: str) -> CharacterSet:
    """Returns the set of characters at ``key``; raises `BundleFormatError` if it is invalid."""
    boundaries = field(tables, PREPROCESSING, key, list)
    points = all(type(boundary) is int and 0 <= boundary <= _CODE_POINTS for boundary in boundaries)
    if not points or len(boundaries) % 2 or sorted(set(boundaries)) != boundaries:
        raise malformed(
            f"{PREPROCESSING}: expected {key} to be pairs of whole numbers up to {_CODE_POINTS}, each greater than "
            f"the last, found {shown(boundaries)}"
        )
    return CharacterSet(tuple(boundaries))


def strings(tables: Mapping[str, Any], key: str) -> dict[str, str]:
    """Returns the table of text → text at ``key``; raises `BundleFormatError` if it is invalid."""
    found = field(tables, PREPROCESSING, key, dict)
    for name, value in found.items():
        if not 1 <= len(name) <= _LONGEST_KEY or not isinstance(value, str) or len(value) > _LONGEST_TEXT:
            raise malformed(
                f"{PREPROCESSING}: expected {key} to map texts of 1 to {_LONGEST_KEY} characters to strings of at most "
                f"{_LONGEST_TEXT} characters, found {shown({name: value})}"
            )
    return found
