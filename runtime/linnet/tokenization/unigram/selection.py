"""Segments words for a bundle that has only some pieces of its checkpoint's vocabulary."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .viterbi import Segmentation, Segmenter


class SelectiveSegmenter:
    """Segments words by the whole vocabulary, and again by the kept pieces if a piece is missing.

    Args:
        whole: the segmenter of the whole vocabulary.
        kept: int32 (pieces,), the bundle's id by the id in the whole vocabulary; -1 if the bundle lacks the piece.
    """

    def __init__(self, whole: Segmenter, kept: npt.NDArray[np.int32]) -> None:
        self._whole, self._new_ids = whole, kept
        # A smaller vocabulary keeps every single character, so every word still has a segmentation.
        scores = np.where(kept[: len(whole.scores)] >= 0, whole.scores, -np.inf)
        self._rest = replace(whole, scores=scores)

    def segment(self, words: Sequence[str]) -> list[Segmentation]:
        """Returns the pieces of each word (no word is empty); ``complete`` is False if a piece was missing."""
        found = [self._renumbered(segmentation) for segmentation in self._whole.segment(words)]
        lacking = [row for row, segmentation in enumerate(found) if not segmentation.complete]
        for row, segmentation in zip(lacking, self._rest.segment([words[row] for row in lacking]), strict=True):
            found[row] = self._renumbered(segmentation)._replace(complete=False)
        return found

    def _renumbered(self, segmentation: Segmentation) -> Segmentation:
        ids = self._new_ids[segmentation.ids].tolist()
        return Segmentation(ids, segmentation.ends, min(ids, default=0) >= 0)
