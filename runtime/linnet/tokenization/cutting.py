"""Cuts long texts before they are prepared: the model reads only the first tokens of a text, or the last ones.

A text is cut at a space between two words of letters. Every preset prepares what stands on either side of such a space
by itself, apart from a few characters beside it, and a tokenizer whose words spaces separate (`Separation`)
encodes it by itself. So the tokens of a part are those of the whole text, except near the cut. A part is used only if
it has more than twice as many tokens as the model reads: those near the cut are then far from those that are read.

Where no such space is near, or the preset or the tokenizer gives no such promise, a text of more than `UNPROVEN`
characters is cut all the same. Then no proof exists that the ids are those of the whole text; no text is known for
which they are not, if it is cut at its end. At most `MOST` characters of a text are read, whatever they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..preprocessing import PreparedText, Preprocessor
from .encoding import TextTokenizer

UNPROVEN = 1 << 17
MOST = 1_000_000

_CHARACTERS = 16
"""The characters of the first part, for each token that the model reads. English has 4 or 5 for each token."""

_GROWTH = 4

# A letter of this kind joins the space after it, and a map of characters may replace both together.
_JOINS_THE_NEXT = (
    "\u0d4e\U000111c2\U000111c3\U000113d1\U0001193f\U00011941\U00011a3a\U00011a84-\U00011a89\U00011d46\U00011f02"
)
_BETWEEN_WORDS = re.compile(rf" (?=[^\W\d_]{{3}})(?<=[^\W\d_]{{3}} )(?<![{_JOINS_THE_NEXT}] )")


@dataclass(frozen=True)
class Cutting:
    """Prepares texts, long ones only as far as the model reads them.

    Args:
        tokenizer: encodes the texts.
        max_length: the most tokens that the model reads.
        left: True if the model reads the last tokens of a text.
    """

    tokenizer: TextTokenizer
    max_length: int
    left: bool

    def prepared(self, text: str, prepare: Preprocessor, *, apart: bool) -> PreparedText:
        """Returns a prepared text, or the part of it that gives the tokens that the model reads.

        Args:
            text: the user's text.
            prepare: the preset.
            apart: True if the preset prepares the text's words apart from each other.
        """
        for part in self._parts(text, apart):
            found = prepare(text[part])
            if self.tokenizer.overflows(found.text):
                return found.as_part(part.start)
        if len(text) <= MOST:
            return prepare(text)
        start = len(text) - MOST if self.left else 0
        return prepare(text[start : start + MOST]).as_part(start)

    def _parts(self, text: str, apart: bool) -> Iterator[slice]:
        """Yields longer and longer parts of a text, less than all of it."""
        size = _CHARACTERS * self.max_length
        if 2 * size >= len(text):
            return
        proven = apart and self.tokenizer.separation.holds(text, left=self.left)
        while 2 * size < min(len(text), MOST):
            place = self._between_words(text, size) if proven else None
            if place is None and size >= UNPROVEN:
                place = len(text) - size if self.left else size
            if place is not None:
                yield slice(place, len(text)) if self.left else slice(0, place)
            size *= _GROWTH

    def _between_words(self, text: str, size: int) -> int | None:
        """Returns a space between words that leaves a part of the text of one to two times a size, or None."""
        first, last = (len(text) - 2 * size, len(text) - size) if self.left else (size, 2 * size)
        found = _BETWEEN_WORDS.search(text, first, last)
        return None if found is None else found.start()
