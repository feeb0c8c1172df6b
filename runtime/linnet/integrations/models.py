"""What the modules take as a bundle → a loaded model."""

import os
from pathlib import Path

from ..api import Classifier, Embedder, load_classifier, load_embedder

EmbedderLike = Embedder | str | os.PathLike[str]
"""A loaded embedder, or the folder of its bundle."""
ClassifierLike = Classifier | str | os.PathLike[str] | None
"""A loaded classifier, the folder of its bundle, or None for the embedded default."""


def embedder_of(bundle: EmbedderLike, threads: int | None = None) -> Embedder:
    """Returns the embedder; ``threads`` is for one that is loaded here."""
    return bundle if isinstance(bundle, Embedder) else load_embedder(Path(bundle), threads=threads)


def classifier_of(bundle: ClassifierLike, threads: int | None = None) -> Classifier:
    """Returns the classifier; ``threads`` is for one that is loaded here."""
    if isinstance(bundle, Classifier):
        return bundle
    return load_classifier(None if bundle is None else Path(bundle), threads=threads)
