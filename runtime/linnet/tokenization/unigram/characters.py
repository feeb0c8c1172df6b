"""Kinds of characters, and the grapheme clusters that they form.

The bundle stores the ranges that `tokenizers` used when the file was made. A later version of Unicode
therefore does not change the bundle's answers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

_ZERO_WIDTH_JOINER = "\u200d"
_MARKS = 3
"""A cluster with this many marks or more is too long to be replaced as a whole."""


def members(ranges: npt.NDArray[Any]) -> str:
    """Returns the inside of a regular expression's set, from int32 (ranges × 2,), both ends included."""
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges.reshape(-1, 2).tolist())


@dataclass(frozen=True)
class Characters:
    """The code points of each kind of character, as ranges by the names in `layout.KINDS`."""

    ranges: Mapping[str, npt.NDArray[np.int32]]

    def set_of(self, kind: str) -> str:
        """Returns the regular expression for one character of a kind."""
        return f"[{members(self.ranges[kind])}]" if len(self.ranges[kind]) else "(?!)"

    def all(self, kind: str) -> str:
        """Returns every character of a kind."""
        runs = self.ranges[kind].reshape(-1, 2).tolist()
        return "".join(chr(code) for first, last in runs for code in range(first, last + 1))

    @cached_property
    def _kinds(self) -> dict[str, re.Pattern[str]]:
        return {}

    def _is(self, kind: str, text: str, position: int) -> bool:
        # Compiled on first use: most texts need none of the patterns, and compiling is slow.
        pattern = self._kinds.get(kind) or self._kinds.setdefault(kind, re.compile(self.set_of(kind)))
        return pattern.match(text, position) is not None

    @cached_property
    def _marks(self) -> re.Pattern[str]:
        return re.compile(f"{self.set_of('attaching')}{{0,{_MARKS}}}")

    def cluster_end(self, text: str, start: int) -> int:
        """Returns the end of the grapheme cluster that begins at ``start``, after at most `_MARKS` marks.

        A cluster with that many marks is too long to be replaced as a whole. If no cluster begins at ``start``,
        returns the next position.
        """
        end = start + 1
        if text.startswith("\r\n", start):
            return end + 1
        found = self._marks.match(text, end)
        assert found is not None
        if found.end() == end or self._is("control", text, start) or not self._begins(text, start):
            return end
        return found.end()

    def _begins(self, text: str, position: int) -> bool:
        """Returns whether a cluster begins at a position that holds no control character."""
        if position == 0 or self._is("control", text, position - 1):
            return True
        if self._is("attaching", text, position) or self._is("prepended", text, position - 1):
            return False
        if text[position - 1] == _ZERO_WIDTH_JOINER and self._is("pictograph", text, position):
            return not self._follows_pictograph(text, position - 2)
        if self._is("consonant", text, position):
            return not self._follows_linker(text, position - 1)
        return True

    def _follows_pictograph(self, text: str, position: int) -> bool:
        while position >= 0 and self._is("extending", text, position):
            position -= 1
        return position >= 0 and self._is("pictograph", text, position)

    def _follows_linker(self, text: str, position: int) -> bool:
        linked = False
        while position >= 0 and self._is("linking", text, position):
            linked = linked or self._is("linker", text, position)
            position -= 1
        return linked and position >= 0 and self._is("consonant", text, position)
