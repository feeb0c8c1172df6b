"""The names that ``linnet`` offers, and `load`: everything that it takes to run a bundle."""

from pathlib import Path
from typing import overload

from linnet.bundle import EMBEDDING, open_bundle
from linnet.classifier import Classifier
from linnet.embedder import Embedder
from linnet.encoding import Encoding
from linnet.postprocessing import Prediction
from linnet.words import TokenEmbeddings

__all__ = ["Classifier", "Embedder", "Encoding", "Prediction", "TokenEmbeddings", "load"]


@overload
def load(path: None = None, *, threads: int | None = None, cache: int | None = None) -> Classifier: ...
@overload
def load(path: str | Path, *, threads: int | None = None, cache: int | None = None) -> Classifier | Embedder: ...
def load(
    path: str | Path | None = None, *, threads: int | None = None, cache: int | None = None
) -> Classifier | Embedder:
    """Loads a bundle: the folder ``path``, or the embedded default, which is a `Classifier`.

    A folder gives what the bundle's task asks for: a `Classifier` for ``text-classification``, an
    `Embedder` for ``feature-extraction``.

    Args:
        path: the folder that ``linnet-export convert`` wrote; None is the bundle of ``linnet-default``.
        threads: how many threads it may use; by default what ``LINNET_THREADS`` says, else one a processor.
        cache: how many distinct texts are remembered from call to call, for streams in which texts come back; by
            default none. A text that is remembered gets the same bits without being run. Vectors of tokens and words
            are not remembered.

    Raises:
        BundleNotFoundError: there is no bundle there.
        BundleIntegrityError: a file is missing, truncated or altered.
        BundleFormatError: a later format, or files that do not fit each other.
        ValueError: ``threads`` is no whole number from 1 to 512, or ``cache`` none from 1 to 10,000,000.
        InputError: ``LINNET_THREADS`` is no whole number from 1 to 512.
    """
    opened = open_bundle(path)
    model = Embedder if opened.settings.task == EMBEDDING else Classifier
    return model(opened, threads=threads, cache=cache)
