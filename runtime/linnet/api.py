"""The public names of ``linnet`` and the functions that load a bundle: everything needed to run one."""

from pathlib import Path
from typing import Literal, overload

from .errors import InputError
from .explaining.explanation import Explanation
from .models.classifier import Classifier
from .models.embedder import Embedder
from .postprocessing.internals import Internals
from .postprocessing.scores import Prediction, Window
from .postprocessing.windows import Windowing
from .postprocessing.words import TokenEmbeddings
from .tokenization.encoding import Encoding
from .trust.keys import Key
from .trust.opening import open_trusted

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


Verify = Literal["full", "once"]


@overload
def load(
    path: None = None,
    *,
    threads: int | None = None,
    cache: int | None = None,
    key: Key | None = None,
    digest: str | None = None,
    verify: Verify | None = None,
) -> Classifier: ...
@overload
def load(
    path: str | Path,
    *,
    threads: int | None = None,
    cache: int | None = None,
    key: Key | None = None,
    digest: str | None = None,
    verify: Verify | None = None,
) -> Classifier | Embedder: ...
def load(
    path: str | Path | None = None,
    *,
    threads: int | None = None,
    cache: int | None = None,
    key: Key | None = None,
    digest: str | None = None,
    verify: Verify | None = None,
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
        key: the public key that must have signed the bundle: the path of a PEM file, or the content of one. It may
            not come from the bundle's folder. Needs `cryptography`, the extra ``linnet[verify]``.
        digest: the digest that the bundle must have: 64 hexadecimal digits, as ``linnet info --digest`` prints them.
            It refuses an older bundle that the same key signed.
        verify: ``full`` to hash every file, also the weights, before anything runs; ``once`` to hash weights again
            only if their file seems changed since this process hashed it. By default ``full`` if a key or a digest
            is given; without both, only the size of the weights is checked.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleIntegrityError: a file is missing, truncated or altered, or the digest is another.
        BundleFormatError: the bundle's format is not supported, or its files contradict each other.
        BundleSignatureError: there is no signature of the key, or a file is not signed.
        ValueError: ``threads`` is not a whole number from 1 to 512, or ``cache`` is not one from 1 to 10,000,000.
        InputError: ``LINNET_THREADS`` is not a whole number from 1 to 512; the key, the digest or ``verify`` cannot
            be used.
        MissingPackageError: a key is given, and `cryptography` is not installed.
    """
    opened = open_trusted(path, key=key, digest=digest, verify=verify)
    return _MODELS[opened.settings.task](opened, threads=threads, cache=cache)


def load_classifier(
    path: str | Path | None = None,
    *,
    threads: int | None = None,
    cache: int | None = None,
    key: Key | None = None,
    digest: str | None = None,
    verify: Verify | None = None,
) -> Classifier:
    """Loads a bundle for text classification, or the embedded default. Arguments and errors are those of `load`.

    Raises:
        BundleFormatError: the bundle is for another task; the message names the function that loads it.
    """
    return Classifier(open_trusted(path, key=key, digest=digest, verify=verify), threads=threads, cache=cache)


def load_embedder(
    path: str | Path | None = None,
    *,
    threads: int | None = None,
    cache: int | None = None,
    key: Key | None = None,
    digest: str | None = None,
    verify: Verify | None = None,
) -> Embedder:
    """Loads a bundle for embeddings. Arguments and errors are those of `load`.

    Without a path it loads the default bundle, as `load` does. The one of ``linnet-default`` is a classifier: only a
    program that carries another default has an embedder there.

    Raises:
        BundleFormatError: the bundle is for another task; the message names the function that loads it.
        InputError: no path is given, and the default bundle is a classifier.
    """
    bundle = open_trusted(path, key=key, digest=digest, verify=verify)
    if path is None and bundle.settings.task != Embedder.task:
        raise InputError(
            "the embedded default is a classifier, which linnet.load_classifier loads: "
            "give the folder of a bundle for embeddings: linnet.load_embedder(PATH)"
        )
    return Embedder(bundle, threads=threads, cache=cache)


_MODELS: dict[str, type[Classifier] | type[Embedder]] = {model.task: model for model in (Classifier, Embedder)}
