"""Finds links and e-mail addresses in a tweet's stand-ins, in time linear in the text.

A pattern that reads on from every token, up to the dot, ``@`` or bracket that decides, would be quadratic. Here each
such place is looked up once, with the run of characters that leads to it.
"""

import re
import string
from abc import ABC, abstractmethod
from dataclasses import dataclass
from sys import maxsize

from .tweet_characters import LETTERS, LONG_S, WORD
from .tweet_paths import Paths

_LETTERS_OR_DIGITS = f"{LETTERS}{string.digits}"
_HOST = f"{_LETTERS_OR_DIGITS}.-"

_SCHEME = re.compile(f"[hH][tT]{{2}}[pP][sS{LONG_S}]?:(?:(/{{1,3}})|[{_LETTERS_OR_DIGITS}%])")
_HOST_END = re.compile(rf"\.[{LETTERS}]{{2,13}}/")
_DOMAIN_END = re.compile(rf"\.[{LETTERS}]{{2,13}}(?![{WORD}])/?(?!@)")
_LABELS = re.compile(rf"\.[{_LETTERS_OR_DIGITS}]+(?:[.\-][{_LETTERS_OR_DIGITS}]+)*")
_ADDRESS_END = re.compile(rf"@[{WORD}\-]+\.(?:[{WORD}\-]\.?)+[{WORD}\-]")


@dataclass
class _Run:
    """Characters that lead to a place in the text: a token that begins at ``begin``, or later in the run, ends behind it."""

    begin: int
    place: int
    end: int | None = None
    """The end of the tokens, 0 if there are none; None until it was looked up."""


_NO_MORE = _Run(maxsize, maxsize)


class _Finder(ABC):
    """Finds tokens of one kind by their beginnings, which must be asked for in ascending order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._run = _Run(0, 0)

    def end(self, start: int) -> int:
        """Returns the end of the token that begins at ``start``, or 0."""
        if start >= self._run.place:
            self._run = self._next(start)
        run = self._run
        if start < run.begin:
            return 0
        if run.end is None:
            run.end = self._end(run.place)
        return run.end

    def _begin(self, start: int, place: int, characters: str) -> int:
        """Returns where the run of these characters that ends at ``place`` begins, ``start`` at the earliest."""
        return start + len(self._text[start:place].rstrip(characters))

    @abstractmethod
    def _next(self, start: int) -> _Run:
        """Returns the first run whose place is after ``start``."""

    @abstractmethod
    def _end(self, place: int) -> int:
        """Returns the end of the tokens with this place, or 0."""


class Addresses(_Finder):
    """E-mail addresses: the place is the ``@``."""

    def _next(self, start: int) -> _Run:
        place = self._text.find("@", start + 1)
        return _NO_MORE if place < 0 else _Run(self._begin(start, place, f"{WORD}.+-"), place)

    def _end(self, place: int) -> int:
        found = _ADDRESS_END.match(self._text, place)
        return found.end() if found else 0


class _Domains(_Finder):
    """Domains, as in ``foo.co.uk``: the place is the last dot that a domain may end after."""

    def end(self, start: int) -> int:
        """Returns the end of the domain that begins at ``start``, or 0."""
        text = self._text
        return super().end(start) if text[start] in _LETTERS_OR_DIGITS and text[start - 1 : start] != "@" else 0

    def _next(self, start: int) -> _Run:
        found = _DOMAIN_END.search(self._text, start + 1)
        if found is None:
            return _NO_MORE
        begin = self._begin(start, found.start(), _HOST)
        # Labels are separated by a single dot or hyphen.
        before = self._text[begin : found.start() + 1]
        begin += 1 + max(before.rfind(doubled) for doubled in ("..", "--", ".-", "-."))
        labels = _LABELS.match(self._text, found.start())
        while labels and (later := _DOMAIN_END.search(self._text, found.end())) and later.start() < labels.end():
            found = later
        return _Run(begin, found.start())

    def _end(self, place: int) -> int:
        found = _DOMAIN_END.match(self._text, place)
        return found.end() if found else 0


class _Hosts(_Finder):
    """Links without a scheme but with a path, as in ``foo.com/a``: the place is the host's last dot."""

    def __init__(self, text: str, paths: Paths) -> None:
        super().__init__(text)
        self._paths = paths

    def _next(self, start: int) -> _Run:
        found = _HOST_END.search(self._text, start + 1)
        return _Run(self._begin(start, found.start(), _HOST), found.start()) if found else _NO_MORE

    def _end(self, place: int) -> int:
        return self._paths.end(self._text.index("/", place) + 1)


class Links:
    """Links and domains; `end` must be asked in ascending order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._paths = Paths(text)
        self._hosts, self._domains = _Hosts(text, self._paths), _Domains(text)

    def end(self, start: int) -> int:
        """Returns the end of the link or domain that begins at ``start``, or 0."""
        return self._with_scheme(start) or self._hosts.end(start) or self._domains.end(start)

    def _with_scheme(self, start: int) -> int:
        scheme = _SCHEME.match(self._text, start)
        if scheme is None:
            return 0
        # Of several slashes, the last ones may be the path.
        begins = range(scheme.end(), scheme.end() - max(1, len(scheme[1] or "")), -1)
        return next(filter(None, map(self._paths.end, begins)), 0)
