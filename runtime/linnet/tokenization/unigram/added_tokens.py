"""Finds added tokens in the raw text, before it is normalized."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .settings import AddedToken


class Part(NamedTuple):
    """A part of a text: an added token, or the text between added tokens, whose ``id`` is None."""

    start: int
    end: int
    id: int | None


class AddedTokens:
    """The added tokens of a tokenizer. If several begin at the same position, the longest matches.

    A token with ``lstrip`` also covers the characters of ``white_space`` before it.
    """

    def __init__(self, tokens: Sequence[AddedToken], white_space: str) -> None:
        self._tokens, self._white_space = {token.content: token for token in tokens}, white_space
        longest_first = sorted(self._tokens, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def parts(self, text: str) -> Iterator[Part]:
        """Yields the parts of a text in order; none is empty."""
        position = 0
        for match in self._pattern.finditer(text):
            token, start = self._tokens[match[0]], match.start()
            if token.lstrip:
                start = position + len(text[position:start].rstrip(self._white_space))
            if position < start:
                yield Part(position, start, None)
            yield Part(start, match.end(), token.id)
            position = match.end()
        if position < len(text):
            yield Part(position, len(text), None)
