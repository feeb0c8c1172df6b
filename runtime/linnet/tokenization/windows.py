"""All tokens of a text → the windows that a model reads one by one."""

from typing import NamedTuple

from ..errors import InputError
from .encoding import Encoding, Span, TokenIds

OVERLAP = 4
"""By default, two neighbouring windows share one of this many parts of a window."""


class WindowIds(NamedTuple):
    """The ids of a part of a text that the model reads at once."""

    ids: list[int]
    """The ids of its tokens, with the special tokens around them."""
    span: Span
    """The characters of the user's text, from its first token to where the next window's own tokens begin."""
    tokens: int
    """The number of its tokens without the special tokens."""


class TextWindows(NamedTuple):
    """How a text was read in windows."""

    text: str
    """The text as the user gave it."""
    spans: list[Span]
    """The characters of the user's text that each window reads; together they cover the whole text."""
    tokens: list[int]
    """The number of tokens of each window, without the special tokens."""
    complete: bool = True
    """False if the bundle's smaller vocabulary lacks a piece of the text."""
    truncated: bool = False
    """True if the answer is for a part of the text all the same."""


class WindowCutter:
    """Cuts the tokens of long texts into overlapping windows.

    The windows are the ones that `tokenizers` makes with ``stride``: each begins ``room - overlap`` tokens after the
    one before, and the last one ends with the text and may be shorter. Each has the special tokens around it.

    Args:
        room: the number of tokens that the model reads at once, without the special tokens.
        specials: the number of special tokens.
        overlap: the number of tokens that neighbouring windows share; by default a quarter of a window.

    Raises:
        InputError: windows cannot overlap that much.
    """

    def __init__(self, room: int, specials: int, overlap: int | None) -> None:
        self._room, self._specials = room, specials
        self._overlap = room // OVERLAP if overlap is None else overlap
        if room < 1:
            raise InputError(
                f"expected a bundle that reads more tokens than the {specials} special ones, found a limit of "
                f"{room + specials}: long texts cannot be read in windows with this bundle"
            )
        if not 0 <= self._overlap < room:
            raise InputError(
                f"expected an overlap of 0 to {room - 1} tokens, found {self._overlap}: "
                f"this bundle's windows have {room} tokens besides the special ones"
            )

    def whole(self, text: str, read: TokenIds) -> WindowIds:
        """Returns the only window of a text that the model reads at once."""
        return WindowIds(read.ids, (0, len(text)), len(read.ids) - self._specials)

    def windows(self, text: str, encoding: Encoding) -> list[WindowIds]:
        """Returns the windows of a text in order; the encoding has all tokens of the text."""
        inner = [index for index, special in enumerate(encoding.special_tokens_mask) if not special]
        first, end = inner[0], inner[-1] + 1
        before, after = encoding.ids[:first], encoding.ids[end:]
        found: list[WindowIds] = []
        start = first
        while not found or start + self._overlap < end:
            stop = min(start + self._room, end)
            span = _span(encoding.offsets, start, stop, first, end, len(text))
            found.append(WindowIds([*before, *encoding.ids[start:stop], *after], span, stop - start))
            start += self._room - self._overlap
        return found


def _span(offsets: list[Span], start: int, stop: int, first: int, end: int, length: int) -> Span:
    """Returns the characters of the tokens from ``start`` to ``stop``, and those up to the next token.

    The windows at the ends reach to the ends of the text, so that no character is in no window.
    """
    begins = 0 if start == first else offsets[start][0]
    ends = length if stop == end else max(offsets[stop - 1][1], offsets[stop][0])
    return begins, ends
