"""Records how preprocessing changes a text, and maps its characters back to the user's text."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Edit(NamedTuple):
    """A replacement of the characters ``start:end`` of a text; an insertion if ``start`` equals ``end``."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True)
class PreparedText:
    """A text after preprocessing, and the passes of edits that turned the user's text into it, in order.

    The edits of a pass are in order and do not overlap. Their positions are in the text before that pass.
    """

    text: str
    passes: tuple[tuple[Edit, ...], ...] = ()
    is_part: bool = False
    """True if this is only a part of the user's text."""

    def edited(self, edits: Iterable[Edit]) -> "PreparedText":
        """Returns this text after one more pass of edits."""
        edits = tuple(edits)
        if not edits:
            return self
        parts, position = [], 0
        for edit in edits:
            parts += [self.text[position : edit.start], edit.replacement]
            position = edit.end
        return PreparedText("".join([*parts, self.text[position:]]), (*self.passes, edits), self.is_part)

    def as_part(self, start: int) -> "PreparedText":
        """Returns this text as a part of the user's text that begins at ``start``."""
        before = ((Edit(0, start, ""),),) if start else ()
        return PreparedText(self.text, (*before, *self.passes), is_part=True)

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Returns the span in the user's text that the characters ``start:end`` of this text stand for.

        A replacement is one unit: any part of it stands for all the characters that it replaced. Inserted
        characters stand for nothing: alone they have an empty span, and they do not extend the span of others.
        """
        return self._before(len(self.passes), start, end)

    def _before(self, passes: int, start: int, end: int) -> tuple[int, int]:
        """Returns the span in the user's text that ``start:end`` of the text after ``passes`` passes stands for."""
        if passes == 0:
            return start, end
        if end - start > 1:
            return self._hull(passes, start, end)
        edits, starts = self._indexed[passes - 1]
        before = _source(edits, starts, start) if end > start else _gap(edits, starts, start)
        return self._before(passes - 1, *before)

    def _hull(self, passes: int, start: int, end: int) -> tuple[int, int]:
        """Returns the smallest span that covers the spans of all characters."""
        first = self._first_standing(passes, range(start, end))
        if first is None:
            return self._before(passes, start, start + 1)
        last = self._first_standing(passes, range(end - 1, start - 1, -1))
        return first[0], (last or first)[1]

    def _first_standing(self, passes: int, positions: range) -> tuple[int, int] | None:
        """Returns the first span of a character that is not empty, or None."""
        spans = (self._before(passes, position, position + 1) for position in positions)
        return next((span for span in spans if span[0] < span[1]), None)

    @cached_property
    def _indexed(self) -> list[tuple[tuple[Edit, ...], list[int]]]:
        """The passes, each with the positions where its replacements begin in the text after the pass."""
        return [(edits, list(_starts(edits))) for edits in self.passes]


Preprocessor = Callable[[str], PreparedText]
"""A preset: turns the user's text into the text that the checkpoint expects."""


def substitutions(pattern: re.Pattern[str], text: str, replacement: str) -> Iterator[Edit]:
    """Returns the edits that ``pattern.sub`` makes with a fixed replacement."""
    return (Edit(*match.span(), replacement) for match in pattern.finditer(text))


def respacing(before: str, after: str) -> Iterator[Edit]:
    """Yields the edits from one text to another that differs only in white space.

    Raises:
        ValueError: the texts differ in other characters.
    """
    i = j = 0
    while i < len(before) or j < len(after):
        if before[i : i + 1] == after[j : j + 1]:
            i, j = i + 1, j + 1
            continue
        start, spaces = i, j
        i, j = _word_from(before, i), _word_from(after, j)
        if (i, j) == (start, spaces):
            raise ValueError(f"expected texts that differ only in white space, found {before!r} and {after!r}")
        yield Edit(start, i, after[spaces:j])


def _word_from(text: str, position: int) -> int:
    """Returns the first position at or after ``position`` that is not white space."""
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _starts(edits: tuple[Edit, ...]) -> Iterator[int]:
    shift = 0
    for edit in edits:
        yield edit.start + shift
        shift += len(edit.replacement) - (edit.end - edit.start)


def _gap(edits: tuple[Edit, ...], starts: list[int], position: int) -> tuple[int, int]:
    """Returns the span before a pass of an empty span at ``position``; it is empty too, except inside a replacement."""
    after = _source(edits, starts, position)
    if position > 0 and after == _source(edits, starts, position - 1):
        return after
    return after[0], after[0]


def _source(edits: tuple[Edit, ...], starts: list[int], position: int) -> tuple[int, int]:
    """Returns the span before a pass of the character at ``position``."""
    index = bisect_right(starts, position) - 1
    if index < 0:
        return position, position + 1
    edit = edits[index]
    beyond = position - starts[index] - len(edit.replacement)
    if beyond < 0:
        return edit.start, edit.end
    return edit.end + beyond, edit.end + beyond + 1
