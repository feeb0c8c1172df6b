"""Normalizes a text and splits it into the words that a Unigram model reads; each begins with ``▁``."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...preprocessing import Edit
from ..encoding import Span
from .charsmap import Charsmap

SPACE = "▁"
"""The character that represents a space."""

_SPACES = re.compile(" {2,}")


@dataclass(frozen=True)
class Word:
    """A word, and the span in the text of each of its characters."""

    text: str
    spans: Sequence[Span]


class Normalizer:
    """The normalizer and pre-tokenizer of a compact tokenizer.

    Args:
        charsmap: the replacements, which are applied first.
        white_space: the white space characters.
        strip: whether white space at the end is removed.
        collapsed: the text that replaces two or more spaces; None to keep them.
        split: whether white space separates words; if False, only spaces do.
    """

    def __init__(
        self, charsmap: Charsmap, white_space: str, *, strip: bool, collapsed: str | None, split: bool
    ) -> None:
        self._charsmap, self._strip, self._collapsed, self._split = charsmap, strip, collapsed, split
        self._white_space = white_space
        self._parts = re.compile(f"[^{re.escape(white_space)}]+")

    def words(self, text: str) -> list[str]:
        """Returns the words without their first ``▁``."""
        text = self._charsmap.apply(text)
        if self._strip:
            text = text.rstrip(self._white_space)
        if self._collapsed is not None and "  " in text:
            text = _SPACES.sub(self._collapsed, text)
        if self._split:
            return [word for part in self._parts.findall(text) for word in _words(part)]
        return _words(text.replace(" ", SPACE)) if text else []

    def aligned(self, text: str, shift: int) -> list[Word]:
        """Returns the words of a part of a text, with spans in the whole text; the part begins at ``shift``."""
        text, spans = _applied(text, self._charsmap.edits(text), shift)
        if self._strip:
            text = text.rstrip(self._white_space)
            spans = spans[: len(text)]
        if self._collapsed is not None and "  " in text:
            text, spans = _collapsed(text, spans, self._collapsed)
        if self._split:
            bounds = [match.span() for match in self._parts.finditer(text)]
        else:
            text, bounds = text.replace(" ", SPACE), [(0, len(text))] if text else []
        return [word for start, end in bounds for word in _aligned_words(text[start:end], spans[start:end])]


def _words(text: str) -> list[str]:
    return text.removeprefix(SPACE).split(SPACE)


def _aligned_words(text: str, spans: list[Span]) -> list[Word]:
    if not text.startswith(SPACE):
        text, spans = SPACE + text, [spans[0], *spans]
    starts = [match.start() for match in re.finditer(SPACE, text)]
    return [
        Word(text[start:end], spans[start:end]) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]


def _collapsed(text: str, spans: list[Span], replacement: str) -> tuple[str, list[Span]]:
    """Replaces runs of spaces; returns the text and its spans, where a replaced run has the span of its last space."""
    kept: list[Span] = []
    position = 0
    for match in _SPACES.finditer(text):
        kept += spans[position : match.start()]
        kept += [spans[match.end() - 1]] * len(replacement)
        position = match.end()
    return _SPACES.sub(replacement, text), kept + spans[position:]


def _applied(text: str, edits: Iterable[Edit], shift: int) -> tuple[str, list[Span]]:
    """Returns the text after the edits, and the original span of each of its characters; the text begins at ``shift``.

    The spans follow `tokenizers`. The characters of a replacement take the spans of the characters that they
    replace, one by one. Surplus characters of the replacement take the last of these spans. If the replacement is
    shorter, the positions that remain are skipped after the character before them. At the start of a text there
    is no such character: nothing is skipped, and all later spans move left.
    """
    characters: list[str] = []
    changes: list[int] = []
    position = 0
    for edit in edits:
        kept = text[position : edit.start]
        characters += [kept, edit.replacement]
        changes += [0] * (len(kept) + len(edit.replacement))
        more = len(edit.replacement) - (edit.end - edit.start)
        if more > 0:
            changes[-more:] = [1] * more
        elif more < 0 and changes:
            changes[-1] += more
        position = edit.end
    characters.append(text[position:])
    changes += [0] * (len(text) - position)
    return "".join(characters), list(_places(changes, shift))


def _places(changes: Iterable[int], shift: int) -> Iterable[Span]:
    """Yields the span of each character: a change of 1 repeats the last span, 0 takes the next, -n then skips n."""
    place = shift
    for change in changes:
        if change > 0:
            yield place - 1, place
        else:
            yield place, place + 1
            place += 1 - change
