"""Haystack: an embedder as the components that embed texts and documents."""

from dataclasses import replace
from typing import Any

from ..extras import needed
from .models import embedder_of

with needed("haystack"):
    from haystack import Document, component


@component
class LinnetTextEmbedder:
    """Embeds a text, for example a query.

    Args:
        bundle: the folder of a bundle.
        threads: the number of threads.
    """

    def __init__(self, bundle: str, threads: int | None = None) -> None:
        self.bundle, self.threads = str(bundle), threads
        self._embedder = embedder_of(self.bundle, threads)

    @component.output_types(embedding=list[float])
    def run(self, text: str) -> dict[str, Any]:
        """Returns the vector of a text as ``embedding``."""
        return {"embedding": self._embedder(text)[0].tolist()}


@component
class LinnetDocumentEmbedder:
    """Embeds the content of documents.

    Args:
        bundle: the folder of a bundle.
        threads: the number of threads.
    """

    def __init__(self, bundle: str, threads: int | None = None) -> None:
        self.bundle, self.threads = str(bundle), threads
        self._embedder = embedder_of(self.bundle, threads)

    @component.output_types(documents=list[Document])
    def run(self, documents: list[Document]) -> dict[str, Any]:
        """Returns copies of the documents with their vectors; a document without content has that of an empty text."""
        vectors = self._embedder(document.content or "" for document in documents).tolist()
        return {
            "documents": [
                replace(document, embedding=vector) for document, vector in zip(documents, vectors, strict=True)
            ]
        }
