"""Words → the pieces that are likeliest by a Unigram model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from linnet.unigram.trie import Trie

WINDOW = 1 << 14
"""About how many characters are looked up at a time."""

LONG = 256
"""From so many characters on, a word is segmented by itself.

Shorter ones are together, a character of each at a time, which only pays where they are many.
"""

_Int = npt.NDArray[np.int64]
_Float = npt.NDArray[np.float64]


class Segmentation(NamedTuple):
    """The pieces of a word: their ids, and where in the word each of them ends.

    ``complete`` says whether they are those of the whole vocabulary.
    """

    ids: list[int]
    ends: list[int]
    complete: bool = True


class _Steps(NamedTuple):
    """Pieces where they may stand in a text, an unknown character being one too, in no order: (steps,) each."""

    start: _Int
    end: _Int
    piece: _Int
    score: _Float


@dataclass(frozen=True)
class Segmenter:
    """A Unigram model: the pieces, float64 scores (pieces,) by id, and the id and score of an unknown character.

    Of all segmentations of a word it finds that whose scores have the greatest sum. They are added from left to
    right in float64, and of equal sums the one found first is kept, whose last piece begins earlier: all as
    `tokenizers` does, so that the choice is the same to the last bit.
    """

    trie: Trie
    scores: _Float
    unk_id: int
    unk_score: float

    def segment(self, words: Sequence[str]) -> list[Segmentation]:
        """The pieces of each of the words, none of which is empty."""
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
        # First those from the first characters of words, then those from second ones, and so on: no two of the
        # same go to the same place.
        depth = (steps.start - starts[np.searchsorted(ends, steps.start)]).astype(np.uint16)  # sorted much faster
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
        """The pieces that begin at ``starts``; where no single character is one, it is unknown."""
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
        """The pieces of the words ``starts:ends``, from where the best piece up to a position begins, and its id."""
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
        """Of pieces in order, with the words that they are of: those of each word, unknown ones side by side as one."""
        unknown = piece == self.unk_id
        fused = np.flatnonzero(unknown[:-1] & unknown[1:] & (row[:-1] == row[1:]))
        if len(fused):
            row, end, piece = np.delete(row, fused), np.delete(end, fused), np.delete(piece, fused)
        ids, ends = piece.tolist(), end.tolist()
        bounds = [0, *np.cumsum(np.bincount(row)).tolist()]
        return [Segmentation(ids[first:last], ends[first:last]) for first, last in pairwise(bounds)]


def _batches(words: Sequence[str]) -> Iterator[list[str]]:
    """The words in their order: long ones by themselves, others together, `WINDOW` characters at the most."""
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
