"""Programs written for sentence-transformers: an embedder with the same methods, without the library."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays import Floats
from ..errors import InputError
from .models import EmbedderLike, embedder_of


class SentenceTransformer:
    """Has the methods of ``sentence_transformers.SentenceTransformer`` that embed texts, and gives arrays of numpy.

    Args:
        bundle: an `Embedder`, or the folder of its bundle.
        threads: the number of threads.
    """

    def __init__(self, bundle: EmbedderLike, *, threads: int | None = None) -> None:
        self.embedder = embedder_of(bundle, threads)

    def encode(
        self,
        sentences: str | Iterable[str],
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        *,
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        normalize_embeddings: bool = False,
        **others: Any,
    ) -> Any:
        """Returns the vectors: float32 (n, dimension), (dimension,) for one text; a list without ``convert_to_numpy``.

        Args:
            sentences: one text, or several.
            batch_size: ignored: the model chooses its batches.
            show_progress_bar: ignored.
            convert_to_numpy: False for a list of vectors.
            convert_to_tensor: must be False.
            normalize_embeddings: True to give each vector the length 1.
            others: must be none.

        Raises:
            InputError: an argument has a value that is not supported.
        """
        if convert_to_tensor or any(value is not None for value in others.values()):
            asked = ["convert_to_tensor"] * convert_to_tensor + sorted(others)
            raise InputError(f"expected none of the arguments {', '.join(asked)}: they need sentence-transformers")
        vectors = self.embedder(sentences)
        if normalize_embeddings:
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-12))
        if isinstance(sentences, str):
            return vectors[0]
        return vectors if convert_to_numpy else list(vectors)

    def get_sentence_embedding_dimension(self) -> int:
        """Returns the number of values of a vector."""
        return self.embedder.dimension

    def similarity(self, first: Floats, second: Floats) -> Floats:
        """Returns the cosine of each vector of the one with each of the other: float32 (n, m)."""
        rows, columns = (
            np.atleast_2d(found) / np.linalg.norm(np.atleast_2d(found), axis=-1, keepdims=True)
            for found in (first, second)
        )
        cosines: Floats = rows @ columns.T
        return cosines
