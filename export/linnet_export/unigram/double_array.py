"""Pieces → a trie in a double array, as `linnet.unigram.trie` walks it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from linnet.unigram.layout import CHARACTERS, PAGE

_LOOK = 512
"""In how many slots a place for the children of a node is looked for at once."""

_PATIENCE = 8
"""How often those slots may have no place before later ones are looked at first."""

_Array = npt.NDArray[Any]


def character_codes(pieces: Iterable[str]) -> dict[str, int]:
    """A code from 1 on for every character of the pieces, frequent ones first, so that siblings lie close."""
    counts = Counter(character for piece in pieces for character in piece)
    return {character: code for code, character in enumerate(sorted(counts, key=lambda c: (-counts[c], c)), 1)}


def code_pages(codes: Mapping[str, int]) -> dict[str, _Array]:
    """``code_page`` (0x1100,) and ``code`` (pages × 256,): page 0 is that of characters without codes."""
    table = np.zeros(CHARACTERS, np.uint16)
    table[[ord(character) for character in codes]] = list(codes.values())
    rows = table.reshape(-1, PAGE)
    used = np.flatnonzero(rows.any(axis=1))
    page = np.zeros(len(rows), np.uint16)
    page[used] = np.arange(1, len(used) + 1)
    return {"code_page": page, "code": np.concatenate([np.zeros(PAGE, np.uint16), rows[used].ravel()])}


def double_array(pieces: Mapping[str, int], codes: Mapping[str, int]) -> dict[str, _Array]:
    """``base``, ``label`` and ``piece`` (slots,) of pieces and their ids."""
    nodes = _Nodes.of(pieces, codes)
    bases = _bases(nodes)
    slots = bases[nodes.parent] + nodes.code
    slots[0] = 0
    count = int(bases.max()) + len(codes) + 1  # whatever character follows, its slot is there to be looked at
    base, label, piece = np.zeros(count, np.int32), np.zeros(count, np.uint16), np.full(count, -1, np.int32)
    base[slots], label[slots], piece[slots] = bases, nodes.code, nodes.piece
    return {"base": base, "label": label, "piece": piece}


@dataclass(frozen=True)
class _Nodes:
    """A trie, a node an index, the root first: (nodes,) each; ``piece`` is -1 where none ends."""

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
        """The nodes that have children, and the codes of each one's children in ascending order."""
        order = np.lexsort((self.code[1:], self.parent[1:])) + 1
        parents, first = np.unique(self.parent[order], return_index=True)
        return parents, np.split(self.code[order], first[1:])


def _bases(nodes: _Nodes) -> _Array:
    """A base for each node that has children, no two alike, so that no two children share a slot; else 0."""
    bases = np.zeros(len(nodes.parent), np.int64)
    parents, families = nodes.families()
    widths = np.array([len(codes) for codes in families])
    room = _Room(3 * len(nodes.parent) + 3 * int(nodes.code.max()) + 2 * _LOOK)
    # The widest first, while there is room. Only children fill what is left between the others.
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
    """Which slots and which bases are taken."""

    def __init__(self, size: int) -> None:
        self._slots, self._bases = np.zeros(size, bool), np.zeros(size, bool)
        self._slots[0] = self._bases[0] = True
        self._first, self._failures = 1, 0

    def base_for(self, codes: _Array) -> int:
        """Takes a base, and the slots of children with these codes, which are in ascending order."""
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
        """Takes a base and a slot for an only child of each of these codes, which are in ascending order."""
        bases = np.zeros_like(codes)
        left = np.arange(len(codes))
        shift = 0
        while len(left):
            free = np.flatnonzero(~self._slots)[shift : shift + len(left)]
            found = free - codes[left]
            # Two codes may have come to one base: the first has it.
            first = np.zeros(len(found), bool)
            first[np.unique(found, return_index=True)[1]] = True
            fits = first & (found > 0)
            fits[fits] = ~self._bases[found[fits]]
            bases[left[fits]] = found[fits]
            self._bases[found[fits]] = self._slots[free[fits]] = True
            left = left[~fits]
            shift += len(left) // 4 + 1  # else those that are left would meet the same slots again
        return bases
