"""LlamaIndex: an embedder as ``BaseEmbedding``."""

from typing import Any

from ..extras import needed
from .models import EmbedderLike, embedder_of

with needed("llama-index"):
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.bridge.pydantic import PrivateAttr


class LinnetEmbedding(BaseEmbedding):
    """Embeds nodes and queries for LlamaIndex, which splits texts into batches of ``embed_batch_size``.

    Args:
        bundle: an `Embedder`, or the folder of its bundle.
        threads: the number of threads.
        options: those of ``BaseEmbedding``.
    """

    _embedder: Any = PrivateAttr()

    def __init__(self, bundle: EmbedderLike, *, threads: int | None = None, **options: Any) -> None:
        embedder = embedder_of(bundle, threads)
        super().__init__(**{"model_name": str(embedder.bundle.path), "embed_batch_size": 2048, **options})
        self._embedder = embedder

    @classmethod
    def class_name(cls) -> str:
        """Returns the name under which LlamaIndex knows the class."""
        return cls.__name__

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        found: list[list[float]] = self._embedder(texts).tolist()
        return found

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)
