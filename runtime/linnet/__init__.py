"""Hugging Face encoders as INT8 bundles, on small CPUs, with nothing but onnxruntime, tokenizers and numpy.

>>> import linnet
>>> model = linnet.load()
>>> model("Good news!").label
'positive'
"""

import os

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

TYPE_CHECKING = False  # as in `typing`, which need not be imported for it
if TYPE_CHECKING:
    from linnet.api import Classifier, Embedder, Encoding, Prediction, TokenEmbeddings, load

__version__ = "0.1.0"

__all__ = [
    "BundleError",
    "BundleFormatError",
    "BundleIntegrityError",
    "BundleNotFoundError",
    "Classifier",
    "Embedder",
    "Encoding",
    "InputError",
    "LinnetError",
    "Prediction",
    "TextTypeError",
    "TextValueError",
    "TokenEmbeddings",
    "load",
]

# From 1.29 on, importing onnxruntime looks up a telemetry host and writes to the home folder;
# only this, and only before the import, stops both.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def __getattr__(name: str) -> object:
    """Imports what runs a bundle when it is first asked for, so that a command that runs none need not wait for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import linnet.api

    found: object = getattr(linnet.api, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
