"""Tokens that are found in the raw text, before anything else is done with it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from linnet.unigram.file import AddedToken


class Part(NamedTuple):
    """A stretch of a text: an added token, or what lies between two of them, which has no id."""

    start: int
    end: int
    id: int | None


class AddedTokens:
    """The added tokens; of those that begin at one place the longest is taken.

    ``white_space`` is what a token takes of what stands before it, if its ``lstrip`` says so.
    """

    def __init__(self, tokens: Sequence[AddedToken], white_space: str) -> None:
        self._tokens, self._white_space = {token.content: token for token in tokens}, white_space
        longest_first = sorted(self._tokens, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def parts(self, text: str) -> Iterator[Part]:
        """The parts of a text in order, none of them empty."""
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
