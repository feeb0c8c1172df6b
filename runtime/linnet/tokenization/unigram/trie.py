"""Stores the pieces of a vocabulary in a trie, and finds them in a text.

The trie is a double array. Every character of the vocabulary has a code from 1 on, with low codes for frequent
characters; every other character has code 0. A node is a slot, and the root is slot 0. A node's child for a
character is the slot at ``base`` plus the code, if that slot's ``label`` is the code. No two nodes share a base.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .layout import PAGE

_Int = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Matches:
    """The pieces found in a text: their ids, int32, and where they start and end, int64, all (matches,)."""

    start: _Int
    end: _Int
    piece: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Trie:
    """The trie and the codes of characters; shapes are in `linnet.tokenization.unigram.layout`."""

    base: npt.NDArray[np.int32]
    """Per slot, the number to which a child's code is added; 0 if the node has no children."""
    label: npt.NDArray[np.uint16]
    """Per slot, the code of the character that leads to it."""
    piece: npt.NDArray[np.int32]
    """Per slot, the id of the piece that ends there, or -1."""
    code_page: npt.NDArray[np.uint16]
    """The page of ``code`` for each block of 256 characters."""
    code: npt.NDArray[np.uint16]
    """The codes of characters, in pages of 256."""
    longest: int
    """The most characters of a piece."""

    def codes(self, text: str) -> _Int:
        """Returns the code of each character, int64 (characters,)."""
        characters = np.frombuffer(text.encode("utf-32-le"), "<u4")
        found: npt.NDArray[np.uint16] = self.code[
            self.code_page[characters // PAGE].astype(np.int64) * PAGE + characters % PAGE
        ]
        return found.astype(np.int64)

    def matches(self, codes: _Int, starts: _Int) -> Iterator[Matches]:
        """Yields the pieces that begin at ``starts``: first those of one character, then those of two, and so on.

        Args:
            codes: the codes of the text; the last one must be 0.
            starts: positions in the text, in ascending order.
        """
        nodes, length = np.zeros_like(starts), 0
        while len(starts) and length < self.longest:
            found = codes[starts + length]
            nodes = self.base[nodes] + found
            alive = np.flatnonzero((self.label[nodes] == found) & (found > 0))
            starts, nodes, length = starts[alive], nodes[alive], length + 1
            pieces = self.piece[nodes]
            here = np.flatnonzero(pieces >= 0)
            yield Matches(starts[here], starts[here] + length, pieces[here])
            parents = np.flatnonzero(self.base[nodes])
            starts, nodes = starts[parents], nodes[parents]
