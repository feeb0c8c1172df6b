"""sentence-transformers with torch in fp32: it sorts the texts by length, and runs batches of 32."""

from typing import Any

import numpy as np

from benchmark.batches import Floats

BATCH = 32


class Peer:
    """A SentenceTransformer, with the modules that the checkpoint names: encoder, mean, length 1."""

    def __init__(self, folder: str, threads: int) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        self._model = self.load(folder, threads, SentenceTransformer)

    def load(self, folder: str, threads: int, kind: Any) -> Any:
        """The model."""
        return kind(folder, device="cpu")

    def one(self, text: str, mode: str) -> Floats:
        """The vector of one text."""
        return self.bulk([text], mode)[0]  # type: ignore[no-any-return]

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The vectors of many."""
        vectors = self._model.encode(texts, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(vectors, dtype=np.float32)
