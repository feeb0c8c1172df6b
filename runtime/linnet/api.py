"""The public names of ``linnet`` and the functions that load a bundle: everything needed to run one."""

from pathlib import Path
from typing import overload

from .bundle.opening import open_bundle
from .explaining.explanation import Explanation
from .models.classifier import Classifier
from .models.embedder import Embedder
from .postprocessing.internals import Internals
from .postprocessing.scores import Prediction, Window
from .postprocessing.windows import Windowing
from .postprocessing.words import TokenEmbeddings
from .tokenization.encoding import Encoding

__all__ = [
    "Classifier",
    "Embedder",
    "Encoding",
    "Explanation",
    "Internals",
    "Prediction",
    "TokenEmbeddings",
    "Window",
    "Windowing",
    "load",
    "load_classifier",
    "load_embedder",
]


@overload
def load(path: None = None, *, threads: int | None = None, cache: int | None = None) -> Classifier: ...
@overload
def load(path: str | Path, *, threads: int | None = None, cache: int | None = None) -> Classifier | Embedder: ...
def load(
    path: str | Path | None = None, *, threads: int | None = None, cache: int | None = None
) -> Classifier | Embedder:
    """Loads the bundle in the folder ``path``, or the embedded default, which is a `Classifier`.

    The class follows the bundle's task: `Classifier` for ``text-classification``, `Embedder` for
    ``feature-extraction``. `load_classifier` and `load_embedder` each return one class.

    Args:
        path: the folder that ``linnet-export convert`` wrote; None loads the bundle of ``linnet-default``.
        threads: the number of threads; by default the value of ``LINNET_THREADS``, else one per processor.
        cache: how many distinct texts to remember between calls, for streams that repeat texts; by default none.
            A remembered text gets the same bits without running the model. Vectors of tokens and words are not
            remembered.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleIntegrityError: a file is missing, truncated or altered.
        BundleFormatError: the bundle's format is not supported, or its files contradict each other.
        ValueError: ``threads`` is not a whole number from 1 to 512, or ``cache`` is not one from 1 to 10,000,000.
        InputError: ``LINNET_THREADS`` is not a whole number from 1 to 512.
    """
    opened = open_bundle(path)
    return _MODELS[opened.settings.task](opened, threads=threads, cache=cache)


def load_classifier(
    path: str | Path | None = None, *, threads: int | None = None, cache: int | None = None
) -> Classifier:
    """Loads a bundle for text classification, or the embedded default. Arguments and errors are those of `load`.

    Raises:
        BundleFormatError: the bundle is for another task; the message names the function that loads it.
    """
    return Classifier(open_bundle(path), threads=threads, cache=cache)


def load_embedder(path: str | Path, *, threads: int | None = None, cache: int | None = None) -> Embedder:
    """Loads a bundle for embeddings. Arguments and errors are those of `load`.

    Raises:
        BundleFormatError: the bundle is for another task; the message names the function that loads it.
    """
    return Embedder(open_bundle(path), threads=threads, cache=cache)


_MODELS: dict[str, type[Classifier] | type[Embedder]] = {model.task: model for model in (Classifier, Embedder)}
