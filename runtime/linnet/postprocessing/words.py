"""The graph's token vectors → vectors of a text's tokens or words."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from ..arrays import Floats
from ..errors import InputError
from ..tokenization.encoding import Encoding, Span

SPACE_MARKS = "▁Ġ"
"""The characters for a space in SentencePiece and in byte-level BPE."""
_WORD = re.compile(r"\S+")

MEAN, FIRST = "mean", "first"
"""Which pieces a word's vector is made of: the mean over all, or the first one alone."""


@dataclass(frozen=True, eq=False)
class TokenEmbeddings:
    """The vectors of one text's tokens, words or windows.

    ``vectors`` is float32 (tokens, dimension), normalised only for windows; ``tokens`` and ``offsets`` have the same
    length.
    Offsets are in characters and point into the text as the user gave it.
    """

    vectors: Floats
    tokens: list[str]
    offsets: list[tuple[int, int]]

    def __len__(self) -> int:
        return len(self.tokens)


def of_tokens(text: str, encoding: Encoding, vectors: Floats) -> TokenEmbeddings:
    """Returns the vectors of all tokens except the special tokens at the text's ends."""
    kept = [index for index, special in enumerate(encoding.special_tokens_mask) if not special]
    return TokenEmbeddings(
        vectors[kept], [encoding.tokens[index] for index in kept], [encoding.offsets[index] for index in kept]
    )


def of_words(text: str, encoding: Encoding, vectors: Floats, pieces: str = MEAN) -> TokenEmbeddings:
    """Returns the vectors of words, each the mean over its pieces or that of the first; see `read_words`."""
    words = read_words(text, encoding)
    found = np.empty((len(words), vectors.shape[-1]), dtype=np.float32)
    for row, own in enumerate(words.values()):
        found[row] = of_pieces(vectors[own], pieces)
    return TokenEmbeddings(found, [text[slice(*span)] for span in words], list(words))


def of_pieces(vectors: Floats, pieces: str) -> Floats:
    """Returns one vector, float32 (dimension,), for those of a word's pieces, float32 (pieces, dimension)."""
    found: Floats = vectors[0] if pieces == FIRST else vectors.mean(axis=0)
    return found


def check_pieces(pieces: str) -> None:
    """Checks which pieces a word's vector is made of.

    Raises:
        InputError: it is neither ``mean`` nor ``first``.
    """
    if pieces not in (MEAN, FIRST):
        raise InputError(f"pieces: expected {MEAN!r} or {FIRST!r}, found {pieces!r}")


def read_words(text: str, encoding: Encoding) -> dict[Span, list[int]]:
    """Returns the words that the model reads, in order, each with its pieces: the indices of tokens.

    White space separates words in the user's text. A piece belongs to every word that it overlaps. A piece of a
    replacement overlaps all of the replaced text, and so every word in it. A piece that is only a space (a lone ``▁``)
    belongs to no word, wherever it stands. A word without a piece is left out: it was truncated, or preprocessing or
    the tokenizer dropped it. The encoding must have trimmed offsets.
    """
    words = _words_around(text, [span for span in encoding.offsets if span[0] < span[1]])
    pieces: dict[Span, list[int]] = {}
    for index, special in enumerate(encoding.special_tokens_mask):
        span = encoding.offsets[index]
        if special or _is_space(encoding.tokens[index], text[slice(*span)]):
            continue
        for word in _overlapped(words, *span):
            pieces.setdefault(words[word], []).append(index)
    return dict(sorted(pieces.items()))


def _words_around(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Returns the words of a text from the first span to the last; the rest of a long text is not looked at."""
    start, end = min((span[0] for span in spans), default=0), max((span[1] for span in spans), default=0)
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    words = (match.span() for match in _WORD.finditer(text, start))
    return list(takewhile(lambda word: word[0] < end, words))


def _is_space(token: str, source: str) -> bool:
    """Returns True if a piece is a space, including one that the tokenizer added before the first character."""
    return not token.strip(SPACE_MARKS) and not any(mark in source for mark in SPACE_MARKS)


def _overlapped(words: list[tuple[int, int]], start: int, end: int) -> Iterator[int]:
    """Yields the indices of the words that share a character with the span."""
    if start < end:
        first = bisect_right(words, start, key=lambda word: word[1])
        yield from range(first, bisect_left(words, end, key=lambda word: word[0]))
