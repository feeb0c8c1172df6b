"""The content of ``preprocessing.json``: tables that travel in the bundle, whatever Python runs it."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linnet.fields import field, malformed, parse_object
from linnet.layout import PREPROCESSING

_REMEMBERED = 1 << 14
"""How many characters' classes are kept at hand: those of any few languages, not of all of Unicode."""


@dataclass(frozen=True)
class CharacterSet:
    """Characters by their code points: those from an even boundary up to the odd one that follows."""

    boundaries: tuple[int, ...]

    def __contains__(self, code: int) -> bool:
        return bisect_right(self.boundaries, code) % 2 == 1

    def first_of_run(self, code: int) -> int:
        """The first of the consecutive characters of the set among which ``code`` is."""
        return self.boundaries[bisect_right(self.boundaries, code) - 1]


class Classes(dict[int, str]):
    """A table for `str.translate`: each character beyond ASCII → the stand-in of the first set that has it.

    What a pattern then sees has a class that is the same under every version of Unicode. ASCII stands for itself.
    """

    def __init__(self, sets: Mapping[str, CharacterSet], otherwise: str, known: Mapping[str, str]) -> None:
        """``sets``: stand-in → set; ``known``: single characters → stand-in, which go before."""
        super().__init__({ord(character): stand_in for character, stand_in in known.items()})
        self._sets = tuple(sets.items())
        self._otherwise = otherwise

    def __missing__(self, code: int) -> str:
        found = chr(code) if code < 128 else self._classified(code)
        if len(self) < _REMEMBERED:
            self[code] = found
        return found

    def of(self, text: str) -> str:
        """The text's stand-ins, of the same length."""
        return text if text.isascii() else text.translate(self)

    def _classified(self, code: int) -> str:
        return next((stand_in for stand_in, characters in self._sets if code in characters), self._otherwise)


def read_tables(content: bytes, preset: str) -> dict[str, Any]:
    """The tables of a preset.

    Raises:
        BundleFormatError: no JSON object, or the tables of another preset.
    """
    tables = parse_object(PREPROCESSING, content)
    if (found := field(tables, PREPROCESSING, "preset", str)) != preset:
        raise malformed(f"{PREPROCESSING}: expected the tables of {preset!r}, found those of {found!r}")
    return tables


def characters(tables: Mapping[str, Any], key: str) -> CharacterSet:
    """A set of characters; raises `BundleFormatError` if it is none."""
    boundaries = field(tables, PREPROCESSING, key, list)
    whole = all(type(boundary) is int for boundary in boundaries)
    if not whole or len(boundaries) % 2 or sorted(set(boundaries)) != boundaries:
        raise malformed(f"{PREPROCESSING}: expected {key} to be pairs of whole numbers, each greater than the last")
    return CharacterSet(tuple(boundaries))


def strings(tables: Mapping[str, Any], key: str) -> dict[str, str]:
    """A table of texts → text; raises `BundleFormatError` if it is none."""
    found = field(tables, PREPROCESSING, key, dict)
    if not all(name and isinstance(value, str) for name, value in found.items()):
        raise malformed(f"{PREPROCESSING}: expected {key} to name a string for each text")
    return found
