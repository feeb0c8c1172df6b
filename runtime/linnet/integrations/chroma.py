"""Chroma: an embedder as an ``EmbeddingFunction``."""

from typing import Any

from ..extras import needed
from .models import embedder_of

with needed("chroma"):
    from chromadb.api.types import Documents, EmbeddingFunction, Embeddings
    from chromadb.utils.embedding_functions import register_embedding_function


@register_embedding_function
class LinnetEmbeddingFunction(EmbeddingFunction[Documents]):
    """Embeds documents and queries for a collection, which remembers the bundle's folder.

    Args:
        bundle: the folder of a bundle.
        threads: the number of threads.
    """

    def __init__(self, bundle: str, threads: int | None = None) -> None:
        self._bundle, self._threads = str(bundle), threads
        self._embedder = embedder_of(self._bundle, threads)

    def __call__(self, input: Documents) -> Embeddings:  # noqa: A002  # as in Chroma
        """Returns a vector for each document."""
        return list(self._embedder(input))

    @staticmethod
    def name() -> str:
        """Returns the name under which Chroma stores the function."""
        return "linnet"

    def get_config(self) -> dict[str, Any]:
        """Returns what Chroma stores of the function."""
        return {"bundle": self._bundle, "threads": self._threads}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> "LinnetEmbeddingFunction":
        """Returns the function of a stored collection."""
        return LinnetEmbeddingFunction(**config)
