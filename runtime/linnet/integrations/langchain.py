"""LangChain: an embedder as ``Embeddings``."""

from ..extras import needed
from .models import EmbedderLike, embedder_of

with needed("langchain"):
    from langchain_core.embeddings import Embeddings


class LinnetEmbeddings(Embeddings):
    """Embeds documents and queries for LangChain's vector stores and retrievers.

    Args:
        bundle: an `Embedder`, or the folder of its bundle.
        threads: the number of threads.
    """

    def __init__(self, bundle: EmbedderLike, *, threads: int | None = None) -> None:
        self.embedder = embedder_of(bundle, threads)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Returns a vector for each text."""
        found: list[list[float]] = self.embedder(texts).tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        """Returns the vector of a text."""
        return self.embed_documents([text])[0]
