"""Runs Hugging Face encoders as INT8 bundles on small CPUs; needs only onnxruntime, tokenizers and numpy.

>>> import linnet
>>> model = linnet.load()
>>> model("Good news!").label
'positive'
"""

import os

from .errors import (
    BundleError,
    BundleFormatError,
    BundleIntegrityError,
    BundleNotFoundError,
    BundleSignatureError,
    InputError,
    LinnetError,
    MissingPackageError,
    TextTypeError,
    TextValueError,
)
from .installation import VERSION as _VERSION

TYPE_CHECKING = False  # saves the import of `typing`; type checkers know the name
if TYPE_CHECKING:
    from . import engines as engines
    from . import frames as frames
    from . import spark as spark
    from .analysis.evaluation import Comparison, Evaluation, compare, evaluate
    from .api import (
        Classifier,
        Embedder,
        Encoding,
        Explanation,
        Internals,
        Prediction,
        TokenEmbeddings,
        Window,
        Windowing,
        load,
        load_classifier,
        load_embedder,
    )

__version__ = _VERSION

__all__ = [
    "BundleError",
    "BundleFormatError",
    "BundleIntegrityError",
    "BundleNotFoundError",
    "BundleSignatureError",
    "Classifier",
    "Comparison",
    "Embedder",
    "Encoding",
    "Evaluation",
    "Explanation",
    "InputError",
    "Internals",
    "LinnetError",
    "MissingPackageError",
    "Prediction",
    "TextTypeError",
    "TextValueError",
    "TokenEmbeddings",
    "Window",
    "Windowing",
    "compare",
    "evaluate",
    "load",
    "load_classifier",
    "load_embedder",
]

_EVALUATION = ("Comparison", "Evaluation", "compare", "evaluate")
"""The names in `linnet.analysis.evaluation`, which programs that only run bundles do not import."""

_ROOMS = ("engines", "frames", "spark")
"""The rooms that are attributes of this package, though only some programs import them."""

# From 1.29 on, importing onnxruntime looks up a telemetry host and writes to the home folder.
# Only this variable, set before the import, stops both.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def __getattr__(name: str) -> object:
    """Returns a public name; imports it on first use, so that commands that run no bundle start fast."""
    if name in _ROOMS:  # importing from a room makes it an attribute of this package
        if name == "engines":
            from .engines import Worker  # noqa: F401
        elif name == "frames":
            from .frames import embed  # noqa: F401
        else:
            from .spark import classify  # noqa: F401
        return globals()[name]
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object
    if name in _EVALUATION:
        from .analysis import evaluation

        found = getattr(evaluation, name)
    else:
        from . import api

        found = getattr(api, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS})
