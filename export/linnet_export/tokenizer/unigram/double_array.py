"""Builds a trie of pieces as a double array, in the form that `linnet.tokenization.unigram.trie` reads."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from linnet.tokenization.unigram.layout import CHARACTERS, PAGE

_LOOK = 512
"""The number of slots that one search step tests for a node's children."""

_PATIENCE = 8
"""The number of failed steps after which the search starts further on."""

_Array = npt.NDArray[Any]


def character_codes(pieces: Iterable[str]) -> dict[str, int]:
    """Returns a code from 1 up for each character of the pieces, frequent ones first, so that siblings are close."""
    counts = Counter(character for piece in pieces for character in piece)
    return {character: code for code, character in enumerate(sorted(counts, key=lambda c: (-counts[c], c)), 1)}


def code_pages(codes: Mapping[str, int]) -> dict[str, _Array]:
    """Returns ``code_page`` (0x1100,) and ``code`` (pages × 256,); page 0 is for characters without codes."""
    table = np.zeros(CHARACTERS, np.uint16)
    table[[ord(character) for character in codes]] = list(codes.values())
    rows = table.reshape(-1, PAGE)
    used = np.flatnonzero(rows.any(axis=1))
    page = np.zeros(len(rows), np.uint16)
    page[used] = np.arange(1, len(used) + 1)
    return {"code_page": page, "code": np.concatenate([np.zeros(PAGE, np.uint16), rows[used].ravel()])}


def double_array(pieces: Mapping[str, int], codes: Mapping[str, int]) -> dict[str, _Array]:
    """Returns ``base``, ``label`` and ``piece`` (slots,) for pieces and their ids."""
    nodes = _Nodes.of(pieces, codes)
    bases = _bases(nodes)
    slots = bases[nodes.parent] + nodes.code
    slots[0] = 0
    count = int(bases.max()) + len(codes) + 1  # every code has a slot after every base, so a lookup stays in range
    base, label, piece = np.zeros(count, np.int32), np.zeros(count, np.uint16), np.full(count, -1, np.int32)
    base[slots], label[slots], piece[slots] = bases, nodes.code, nodes.piece
    return {"base": base, "label": label, "piece": piece}


@dataclass(frozen=True)
class _Nodes:
    """A trie as arrays over its nodes, (nodes,) each, root first; ``piece`` is -1 if no piece ends at the node."""

    parent: _Array
    code: _Array
    piece: _Array

    @classmethod
    def of(cls, pieces: Mapping[str, int], codes: Mapping[str, int]) -> "_Nodes":
        edges: dict[int, int] = {}
        width = len(codes) + 1
        ends = {}
        for piece, index in pieces.items():
            node = 0
            for character in piece:
                node = edges.setdefault(node * width + codes[character], len(edges) + 1)
            ends[node] = index
        parent, code = np.divmod(np.array([0, *edges], np.int64), width)
        found = np.full(len(parent), -1, np.int64)
        found[list(ends)] = list(ends.values())
        return cls(parent, code, found)

    def families(self) -> tuple[_Array, list[_Array]]:
        """Returns the nodes with children, and for each the codes of its children in ascending order."""
        order = np.lexsort((self.code[1:], self.parent[1:])) + 1
        parents, first = np.unique(self.parent[order], return_index=True)
        return parents, np.split(self.code[order], first[1:])


def _bases(nodes: _Nodes) -> _Array:
    """Returns a distinct base for each node with children, so that no two children share a slot; 0 for the others."""
    bases = np.zeros(len(nodes.parent), np.int64)
    parents, families = nodes.families()
    widths = np.array([len(codes) for codes in families])
    room = _Room(3 * len(nodes.parent) + 3 * int(nodes.code.max()) + 2 * _LOOK)
    # The widest first, while there is room. Only children fill the gaps at the end.
    for index in np.argsort(-widths, kind="stable").tolist():
        if widths[index] > 1:
            bases[parents[index]] = room.base_for(families[index])
    only = np.flatnonzero(widths == 1)
    if len(only):
        codes = np.array([families[index][0] for index in only.tolist()])
        order = np.argsort(codes, kind="stable")
        bases[parents[only[order]]] = room.bases_for_only(codes[order])
    return bases


class _Room:
    """The slots and bases that are taken."""

    def __init__(self, size: int) -> None:
        self._slots, self._bases = np.zeros(size, bool), np.zeros(size, bool)
        self._slots[0] = self._bases[0] = True
        self._first, self._failures = 1, 0

    def base_for(self, codes: _Array) -> int:
        """Takes and returns a base with free slots for children with these codes, given in ascending order."""
        start = max(1, self._first - int(codes[0]))
        while True:
            taken = self._bases[start : start + _LOOK].copy()
            for code in codes.tolist():
                taken |= self._slots[start + code : start + code + _LOOK]
            base = start + int(taken.argmin())
            if not taken[base - start]:
                break
            start += _LOOK
            self._failures += 1
        if self._failures >= _PATIENCE:
            self._first, self._failures = self._first + _LOOK // 4, 0
        self._bases[base] = True
        self._slots[base + codes] = True
        return base

    def bases_for_only(self, codes: _Array) -> _Array:
        """Takes a slot for one only child per code, given in ascending order, and returns their bases."""
        bases = np.zeros_like(codes)
        left = np.arange(len(codes))
        shift = 0
        while len(left):
            free = np.flatnonzero(~self._slots)[shift : shift + len(left)]
            found = free - codes[left]
            # If two codes get the same base, the first one keeps it.
            first = np.zeros(len(found), bool)
            first[np.unique(found, return_index=True)[1]] = True
            fits = first & (found > 0)
            fits[fits] = ~self._bases[found[fits]]
            bases[left[fits]] = found[fits]
            self._bases[found[fits]] = self._slots[free[fits]] = True
            left = left[~fits]
            shift += len(left) // 4 + 1  # otherwise the remaining codes would try the same slots again
        return bases
