"""Finds where the path of a link ends, in time linear in the text.

A path has two parts or more. A part is a plain character, or brackets around anything but white space, and the last
part is not punctuation. The grammar tries more plain characters first, then one level of brackets within brackets,
then the nearest closing bracket. It takes a later one only if the path could not end after a nearer one.
"""

import re
from typing import NamedTuple

from .tweet_characters import QUOTE, WHITE

_STOP = re.compile(rf"[{WHITE}()<>{{}}\[\]]")  # what is not a plain character
_NOT_LAST = f"`!;:'\".,?{QUOTE}"
_BRACKET = re.compile(f"[()]|[{WHITE}]+")
_NESTED = re.compile(rf"\([^{WHITE}()]*\([^{WHITE}()]+\)[^{WHITE}()]*\)")


class _Pair(NamedTuple):
    """Where brackets may end: after the nearest closing bracket, and after the nearest from which the path can go on."""

    end: int
    going_on: int
    """0 if there is none."""


class Paths:
    """The paths in a tweet's stand-ins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pairs: dict[int, _Pair] = {}
        if "(" in text:
            self._find_pairs()

    def end(self, begin: int) -> int:
        """Returns the end of the path that begins at ``begin``, or 0."""
        part = begin
        while True:
            stop = self._plain_end(part)
            pair = self._pair(stop)
            if pair is None:
                return self._last_end(part + (part == begin), stop)
            if not pair.going_on:
                return pair.end if stop > begin else 0
            part = pair.going_on

    def _plain_end(self, start: int) -> int:
        found = _STOP.search(self._text, start)
        return found.start() if found else len(self._text)

    def _last_end(self, start: int, end: int) -> int:
        """Returns the end of the last of some plain characters with which a path may end, or 0."""
        kept = self._text[start:end].rstrip(_NOT_LAST)
        return start + len(kept) if kept else 0

    def _pair(self, start: int) -> _Pair | None:
        """Returns the brackets that begin at ``start``, or None."""
        if self._text[start : start + 1] != "(" or start not in self._pairs:
            return None
        nested = _NESTED.match(self._text, start)
        if nested is None:
            return self._pairs[start]
        end = nested.end()
        return _Pair(end, end if self._goes_on(end) else self._pairs[start].going_on)

    def _goes_on(self, start: int) -> bool:
        """Returns whether a path can go on at ``start`` and end."""
        stop = self._plain_end(start)
        return stop in self._pairs or self._last_end(start, stop) > 0

    def _find_pairs(self) -> None:
        """Finds the brackets with something in them that are closed before white space, from the last one on."""
        ends, going_on = list[int](), list[int]()
        for found in reversed(list(_BRACKET.finditer(self._text))):
            start = found.start()
            if found[0] == "(":
                if end := _nearest(ends, start):
                    self._pairs[start] = _Pair(end, _nearest(going_on, start))
            elif found[0] == ")":
                ends.append(start + 1)
                if self._goes_on(start + 1):
                    going_on.append(start + 1)
            else:
                ends, going_on = [], []


def _nearest(ends: list[int], start: int) -> int:
    """Returns the nearest end of brackets that begin at ``start`` with something in them, or 0; ``ends`` descend."""
    return next((end for end in reversed(ends[-2:]) if end - start >= len("(x)")), 0)
