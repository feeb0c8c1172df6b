"""The pieces of a vocabulary, and where in a text each of them stands.

The pieces are a trie in a double array. Every character of the vocabulary has a code from 1 on, frequent ones
low; every other has 0. A node is a slot; its child by a character is at the node's ``base`` plus the code, if
that slot's ``label`` is the code, for no two nodes have one base. ``base`` is 0 where a node has no children;
``piece`` is the id of the piece that ends there, or -1. The root is slot 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linnet.unigram.layout import PAGE

_Int = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Matches:
    """Pieces found in a text: their ids, int32, and where they start and end, int64, all (matches,)."""

    start: _Int
    end: _Int
    piece: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Trie:
    """The trie and the codes of characters: arrays as `linnet.unigram.layout` has them."""

    base: npt.NDArray[np.int32]
    label: npt.NDArray[np.uint16]
    piece: npt.NDArray[np.int32]
    code_page: npt.NDArray[np.uint16]
    code: npt.NDArray[np.uint16]

    def codes(self, text: str) -> _Int:
        """The code of each character, (characters,)."""
        characters = np.frombuffer(text.encode("utf-32-le"), "<u4")
        found: npt.NDArray[np.uint16] = self.code[
            self.code_page[characters // PAGE].astype(np.int64) * PAGE + characters % PAGE
        ]
        return found.astype(np.int64)

    def matches(self, codes: _Int, starts: _Int) -> Iterator[Matches]:
        """The pieces that begin at ``starts``, those of one character first, then those of two, and so on.

        Args:
            codes: those of the text, the last of which is 0.
            starts: positions in it, in ascending order.
        """
        nodes, length = np.zeros_like(starts), 0
        while len(starts):
            found = codes[starts + length]
            nodes = self.base[nodes] + found
            alive = np.flatnonzero((self.label[nodes] == found) & (found > 0))
            starts, nodes, length = starts[alive], nodes[alive], length + 1
            pieces = self.piece[nodes]
            here = np.flatnonzero(pieces >= 0)
            yield Matches(starts[here], starts[here] + length, pieces[here])
            parents = np.flatnonzero(self.base[nodes])
            starts, nodes = starts[parents], nodes[parents]
