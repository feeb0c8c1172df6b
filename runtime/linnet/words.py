"""Token vectors → vectors of a text's tokens, or of its words."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from linnet.encoding import Encoding
from linnet.postprocessing import Floats

_SPACE_MARKS = "▁Ġ"
"""How SentencePiece and byte-level BPE write a space."""


@dataclass(frozen=True, eq=False)
class TokenEmbeddings:
    """The vectors of one text's tokens, or of its words.

    ``vectors`` is float32 (tokens, dimension), not normalised; ``tokens`` and ``offsets`` are as long.
    Offsets are in characters and point into the text as the user gave it.
    """

    vectors: Floats
    tokens: list[str]
    offsets: list[tuple[int, int]]

    def __len__(self) -> int:
        return len(self.tokens)


def of_tokens(text: str, encoding: Encoding, vectors: Floats) -> TokenEmbeddings:
    """The tokens that stand for something in the text: all but the special ones that frame it."""
    kept = [index for index, special in enumerate(encoding.special_tokens_mask) if not special]
    return TokenEmbeddings(
        vectors[kept], [encoding.tokens[index] for index in kept], [encoding.offsets[index] for index in kept]
    )


def of_words(text: str, encoding: Encoding, vectors: Floats) -> TokenEmbeddings:
    """The words, each the mean over its pieces. A word is what white space separates in the user's text.

    A piece counts to every word that it overlaps. A piece of a replacement overlaps all of what was
    replaced, and so each of its words. A piece that is nothing but a space (a lone ``▁``) counts to
    none, wherever it stands, and a word that no piece overlaps is left out: it was truncated, or
    preprocessing or the tokenizer dropped it. The encoding's offsets are the trimmed ones.
    """
    words = [match.span() for match in re.finditer(r"\S+", text)]
    pieces: dict[int, list[int]] = {}
    for index, special in enumerate(encoding.special_tokens_mask):
        span = encoding.offsets[index]
        if special or _is_space(encoding.tokens[index], text[slice(*span)]):
            continue
        for word in _overlapped(words, *span):
            pieces.setdefault(word, []).append(index)
    found = sorted(pieces)
    means = np.empty((len(found), vectors.shape[-1]), dtype=np.float32)
    for row, word in enumerate(found):
        means[row] = vectors[pieces[word]].mean(axis=0)
    return TokenEmbeddings(means, [text[slice(*words[word])] for word in found], [words[word] for word in found])


def _is_space(token: str, source: str) -> bool:
    """Whether a piece stands for a space, even one that the tokenizer put before the text's first character."""
    return not token.strip(_SPACE_MARKS) and not any(mark in source for mark in _SPACE_MARKS)


def _overlapped(words: list[tuple[int, int]], start: int, end: int) -> Iterator[int]:
    """The numbers of the words that share a character with the span."""
    if start < end:
        first = bisect_right(words, start, key=lambda word: word[1])
        yield from range(first, bisect_left(words, end, key=lambda word: word[0]))
