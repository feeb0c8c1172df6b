"""Hugging Face encoders as INT8 bundles, on small CPUs, with nothing but onnxruntime, tokenizers and numpy.

>>> import linnet
>>> model = linnet.load()
>>> model("Good news!").label
'positive'
"""

from pathlib import Path

from linnet.bundle import open_bundle
from linnet.classifier import Classifier
from linnet.errors import (
    BundleError,
    BundleFormatError,
    BundleIntegrityError,
    BundleNotFoundError,
    InputError,
    LinnetError,
    TextTypeError,
    TextValueError,
)
from linnet.postprocessing import Prediction
from linnet.tokenizer import Encoding

__version__ = "0.1.0"

__all__ = [
    "BundleError",
    "BundleFormatError",
    "BundleIntegrityError",
    "BundleNotFoundError",
    "Classifier",
    "Encoding",
    "InputError",
    "LinnetError",
    "Prediction",
    "TextTypeError",
    "TextValueError",
    "load",
]


def load(path: str | Path | None = None, *, threads: int | None = None) -> Classifier:
    """Loads a bundle: the folder ``path``, or the embedded default.

    Args:
        path: the folder that ``linnet-export convert`` wrote; None is the bundle of ``linnet-default``.
        threads: how many threads one run uses; by default, one a processor.

    Raises:
        BundleNotFoundError: there is no bundle there.
        BundleIntegrityError: a file is missing, truncated or altered.
        BundleFormatError: a later format, or files that do not fit each other.
        ValueError: ``threads`` is no whole number, or less than 1.
    """
    return Classifier(open_bundle(path), threads=threads)
