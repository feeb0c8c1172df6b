"""Segments words into the most likely pieces of a Unigram model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .trie import Trie

WINDOW = 1 << 14
"""About how many characters are processed together."""

LONG = 256
"""A word with this many characters or more is segmented by itself.

Shorter words are segmented together, one character of each word at a time, which only pays off for many words.
"""

_Int = npt.NDArray[np.int64]
_Float = npt.NDArray[np.float64]


class Segmentation(NamedTuple):
    """The pieces of a word: their ids, and where in the word each piece ends.

    ``complete`` is False if the bundle's vocabulary lacks a piece that the whole vocabulary gives.
    """

    ids: list[int]
    ends: list[int]
    complete: bool = True


class _Steps(NamedTuple):
    """All pieces that a text may contain, and its unknown characters, in no order: (steps,) each."""

    start: _Int
    end: _Int
    piece: _Int
    score: _Float


@dataclass(frozen=True)
class Segmenter:
    """A Unigram model, which finds the segmentation of a word whose scores have the greatest sum.

    Scores are added from left to right in float64. Of equal sums it keeps the first one found, whose last piece
    begins earlier. `tokenizers` does the same, so the choice is the same to the last bit.
    """

    trie: Trie
    """The pieces."""
    scores: _Float
    """The scores of the pieces by id, float64 (pieces,)."""
    unk_id: int
    """The id of an unknown character."""
    unk_score: float
    """The score of an unknown character."""

    def segment(self, words: Sequence[str]) -> list[Segmentation]:
        """Returns the pieces of each word; no word is empty."""
        found: list[Segmentation] = []
        for batch in _batches(words):
            found += [self._segment_long(batch[0])] if len(batch[0]) >= LONG else self._segment_together(batch)
        return found

    def _segment_together(self, words: list[str]) -> list[Segmentation]:
        ends = np.cumsum([len(word) + 1 for word in words]) - 1
        starts = np.concatenate([[0], ends[:-1] + 1])
        codes = self.trie.codes("\n".join([*words, ""]))
        codes[ends] = 0
        inside = np.delete(np.arange(len(codes)), ends)
        steps = self._steps(codes, inside)
        # First the steps from the first character of each word, then those from the second, and so on: within
        # one such group, no two steps end at the same position, so numpy can take the group at once.
        depth = (steps.start - starts[np.searchsorted(ends, steps.start)]).astype(np.uint16)  # uint16 sorts much faster
        order = np.argsort(depth, kind="stable")
        steps = _Steps(steps.start[order], steps.end[order], steps.piece[order], steps.score[order])
        best = np.full(len(codes), -np.inf)
        best[starts] = 0.0
        chosen = np.zeros(len(codes), np.int64)
        first = 0
        for last in np.cumsum(np.bincount(depth)).tolist():
            end, total = steps.end[first:last], best[steps.start[first:last]] + steps.score[first:last]
            better = np.flatnonzero(total > best[end])
            end = end[better]
            best[end] = total[better]
            chosen[end] = better + first
            first = last
        return self._traced(starts, ends, steps.start[chosen], steps.piece[chosen])

    def _segment_long(self, word: str) -> Segmentation:
        size = len(word)
        codes = np.append(self.trie.codes(word), 0)
        best, back, pieces = [0.0] + [-np.inf] * size, [0] * (size + 1), [0] * (size + 1)
        for first in range(0, size, WINDOW):
            steps = self._steps(codes, np.arange(first, min(first + WINDOW, size)))
            order = np.argsort(steps.start, kind="stable")
            for start, end, piece, score in zip(*(column[order].tolist() for column in steps), strict=True):
                total = best[start] + score
                if total > best[end]:
                    best[end], back[end], pieces[end] = total, start, piece
        places = [size]
        while back[places[-1]]:
            places.append(back[places[-1]])
        place = np.array(places[::-1])
        (found,) = self._collected(np.zeros_like(place), place, np.array(pieces)[place])
        return found

    def _steps(self, codes: _Int, starts: _Int) -> _Steps:
        """Returns the pieces that begin at ``starts``, and an unknown character where no one-character piece begins."""
        found = list(self.trie.matches(codes, starts))
        known = np.zeros(len(codes), bool)
        known[found[0].start] = True
        unknown = starts[~known[starts]]
        piece = np.concatenate([matches.piece for matches in found])
        return _Steps(
            np.concatenate([unknown, *(matches.start for matches in found)]),
            np.concatenate([unknown + 1, *(matches.end for matches in found)]),
            np.concatenate([np.full(len(unknown), self.unk_id), piece]),
            np.concatenate([np.full(len(unknown), self.unk_score), self.scores[piece]]),
        )

    def _traced(self, starts: _Int, ends: _Int, back: _Int, pieces: _Int) -> list[Segmentation]:
        """Returns the pieces of the words ``starts:ends``.

        For each position, ``back`` is the start of the best piece that ends there, and ``pieces`` is its id.
        """
        rows, places = np.arange(len(ends)), ends
        found: list[tuple[_Int, _Int]] = []
        while len(rows):
            found.append((rows, places))
            places = back[places]
            going = np.flatnonzero(places > starts[rows])
            rows, places = rows[going], places[going]
        row, place = (np.concatenate(column)[::-1] for column in zip(*found, strict=True))
        order = np.argsort(row, kind="stable")
        row, place = row[order], place[order]
        return self._collected(row, place - starts[row], pieces[place])

    def _collected(self, row: _Int, end: _Int, piece: _Int) -> list[Segmentation]:
        """Groups pieces by word, ``row``, and merges neighbouring unknown pieces of a word into one."""
        unknown = piece == self.unk_id
        fused = np.flatnonzero(unknown[:-1] & unknown[1:] & (row[:-1] == row[1:]))
        if len(fused):
            row, end, piece = np.delete(row, fused), np.delete(end, fused), np.delete(piece, fused)
        ids, ends = piece.tolist(), end.tolist()
        bounds = [0, *np.cumsum(np.bincount(row)).tolist()]
        return [Segmentation(ids[first:last], ends[first:last]) for first, last in pairwise(bounds)]


def _batches(words: Sequence[str]) -> Iterator[list[str]]:
    """Yields the words in order: long words alone, others together, up to `WINDOW` characters."""
    batch: list[str] = []
    size = 0
    for word in words:
        if batch and (len(word) >= LONG or len(batch[0]) >= LONG or size + len(word) > WINDOW):
            yield batch
            batch, size = [], 0
        batch.append(word)
        size += len(word)
    if batch:
        yield batch
