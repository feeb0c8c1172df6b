"""Words → pieces, where a bundle has only some pieces of its checkpoint's vocabulary."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from linnet.unigram.viterbi import Segmentation, Segmenter


class SelectiveSegmenter:
    """Segments by the whole vocabulary, and where a piece of that is left out by what is left.

    Args:
        whole: a segmenter by the whole vocabulary.
        kept: int32 (pieces,), by the whole vocabulary's id the one that the bundle has it under, or -1.
    """

    def __init__(self, whole: Segmenter, kept: npt.NDArray[np.int32]) -> None:
        self._whole, self._new_ids = whole, kept
        # Every single character is kept, so that no place of a word is out of reach.
        scores = np.where(kept[: len(whole.scores)] >= 0, whole.scores, -np.inf)
        self._rest = replace(whole, scores=scores)

    def segment(self, words: Sequence[str]) -> list[Segmentation]:
        """The pieces of each of the words, none of which is empty; ``complete`` says whether they are the whole's."""
        found = [self._renumbered(segmentation) for segmentation in self._whole.segment(words)]
        lacking = [row for row, segmentation in enumerate(found) if not segmentation.complete]
        for row, segmentation in zip(lacking, self._rest.segment([words[row] for row in lacking]), strict=True):
            found[row] = self._renumbered(segmentation)._replace(complete=False)
        return found

    def _renumbered(self, segmentation: Segmentation) -> Segmentation:
        ids = self._new_ids[segmentation.ids].tolist()
        return Segmentation(ids, segmentation.ends, min(ids, default=0) >= 0)
