"""fastembed's arithmetic: onnxruntime on the fp32 graph, batches of 256 in the texts' order, each padded to its longest.

fastembed does so for all-MiniLM-L6-v2: the mean over a text's tokens, then length 1. It downloads its file from a
model hub; this runs the same graph as optimum exports it, and leaves out what fastembed imports besides.
"""

from typing import Any

import numpy as np

from benchmark.batches import Floats, padded
from benchmark.peers import onnx_fp32

BATCH = 256


class Peer(onnx_fp32.Peer):
    """One session with all threads."""

    def one(self, text: str, mode: str) -> Floats:
        """The vector of one text."""
        return self._vectors(self._tokenizer.one(text))[0]  # type: ignore[no-any-return]

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The vectors of many."""
        found = []
        for start in range(0, len(texts), BATCH):
            ids = self._tokenizer.many(texts[start : start + BATCH])
            found.append(self._vectors(padded(ids, range(len(ids)), self._tokenizer.pad_token_id)))
        return np.concatenate(found)

    def _vectors(self, inputs: dict[str, Any]) -> Any:
        """Mean over the tokens, then length 1: float32 (batch, dimension)."""
        mask = inputs["attention_mask"].astype(np.float32)
        sums = np.einsum("bsd,bs->bd", self.run(**inputs), mask)
        means = sums / mask.sum(axis=1, keepdims=True)
        return means / np.linalg.norm(means, axis=1, keepdims=True)
