"""A text after preprocessing, and where each of its characters came from."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Edit:
    """Replaces the characters ``start:end`` of a text by ``replacement``; where they are none, inserts it."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True)
class PreparedText:
    """A text after preprocessing, and the passes of edits that made it of the user's, the first pass first.

    The edits of a pass are in order and apart from each other, and say where in the text before that
    pass they are.
    """

    text: str
    passes: tuple[tuple[Edit, ...], ...] = ()

    def edited(self, edits: Iterable[Edit]) -> "PreparedText":
        """This text after one more pass."""
        edits = tuple(edits)
        if not edits:
            return self
        parts, position = [], 0
        for edit in edits:
            parts += [self.text[position : edit.start], edit.replacement]
            position = edit.end
        return PreparedText("".join([*parts, self.text[position:]]), (*self.passes, edits))

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters ``start:end`` of this text stood in the user's text.

        A replacement is one unit: part of it stands for the whole of what it replaced. What was
        inserted stands for nothing: by itself it has an empty span, beside others it adds nothing to theirs.
        """
        return self._before(len(self.passes), start, end)

    def _before(self, passes: int, start: int, end: int) -> tuple[int, int]:
        """The same for characters of the text as it was after so many passes."""
        if passes == 0:
            return start, end
        if end - start > 1:
            return self._hull(passes, start, end)
        edits, starts = self._indexed[passes - 1]
        before = _source(edits, starts, start) if end > start else _gap(edits, starts, start)
        return self._before(passes - 1, *before)

    def _hull(self, passes: int, start: int, end: int) -> tuple[int, int]:
        """The least span that has what each character stood for."""
        first = self._first_standing(passes, range(start, end))
        if first is None:
            return self._before(passes, start, start + 1)
        last = self._first_standing(passes, range(end - 1, start - 1, -1))
        return first[0], (last or first)[1]

    def _first_standing(self, passes: int, positions: range) -> tuple[int, int] | None:
        """The span of the first character that stands for something."""
        spans = (self._before(passes, position, position + 1) for position in positions)
        return next((span for span in spans if span[0] < span[1]), None)

    @cached_property
    def _indexed(self) -> list[tuple[tuple[Edit, ...], list[int]]]:
        """The passes, and where in the text after its pass each replacement begins."""
        return [(edits, list(_starts(edits))) for edits in self.passes]


def substitutions(pattern: re.Pattern[str], text: str, replacement: str) -> Iterator[Edit]:
    """The edits of ``pattern.sub``, for a replacement that is the same for every match."""
    return (Edit(*match.span(), replacement) for match in pattern.finditer(text))


def respacing(before: str, after: str) -> Iterator[Edit]:
    """The edits from one text to another, which differs from it in white space alone.

    Raises:
        ValueError: they differ in more.
    """
    i = j = 0
    while i < len(before) or j < len(after):
        if before[i : i + 1] == after[j : j + 1]:
            i, j = i + 1, j + 1
            continue
        start, spaces = i, j
        i, j = _word_from(before, i), _word_from(after, j)
        if (i, j) == (start, spaces):
            raise ValueError(f"expected texts that differ in white space alone, found {before!r} and {after!r}")
        yield Edit(start, i, after[spaces:j])


def _word_from(text: str, position: int) -> int:
    """The first position, from one on, that is no white space."""
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _starts(edits: tuple[Edit, ...]) -> Iterator[int]:
    shift = 0
    for edit in edits:
        yield edit.start + shift
        shift += len(edit.replacement) - (edit.end - edit.start)


def _gap(edits: tuple[Edit, ...], starts: list[int], position: int) -> tuple[int, int]:
    """Where, before a pass, no character at ``position`` stood: within a replacement, what that replaced."""
    after = _source(edits, starts, position)
    if position > 0 and after == _source(edits, starts, position - 1):
        return after
    return after[0], after[0]


def _source(edits: tuple[Edit, ...], starts: list[int], position: int) -> tuple[int, int]:
    """Where, before a pass, the character at ``position`` stood."""
    index = bisect_right(starts, position) - 1
    if index < 0:
        return position, position + 1
    edit = edits[index]
    beyond = position - starts[index] - len(edit.replacement)
    if beyond < 0:
        return edit.start, edit.end
    return edit.end + beyond, edit.end + beyond + 1
