"""The Inference API of Hugging Face: the tasks text-classification, feature-extraction and sentence-similarity."""

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from ...arrays import Floats
from ...postprocessing.scores import Prediction
from ..call import Call
from ..failures import RequestError
from ..service import Answered
from .inputs import Direction, check_reading
from .routes import Dialect, Route
from .vectors import checked_dimension, cosines, vectors


class Sentences(msgspec.Struct):
    """The input of sentence-similarity."""

    source_sentence: str
    sentences: list[str]


class Parameters(msgspec.Struct):
    """The parameters of a request; those of other tasks are ignored."""

    top_k: int | None = None
    function_to_apply: Literal["sigmoid", "softmax", "none"] | None = None
    normalize: bool | None = None
    truncate: bool | None = None
    truncation_direction: Direction | None = None
    prompt_name: str | None = None
    dimensions: int | None = None


class Request(Parameters, kw_only=True):
    """A request. The client library gives the parameters of feature-extraction beside the inputs."""

    inputs: str | list[str] | Sentences
    parameters: Parameters | None = None


class Scored(msgspec.Struct):
    """A label and its score."""

    label: str
    score: float


class Failed(msgspec.Struct):
    """A failure."""

    error: str


async def answer(call: Call, asked: Request) -> object:
    """Answers as the task of the model does: a list of labels for each text, a vector for each, or similarities."""
    given, parameters = asked.inputs, _parameters(asked)
    # Only embeddings can be compared, whichever bundle is the first.
    version = call.embedder() if isinstance(given, Sentences) else call.find()
    check_reading(version, direction=parameters.truncation_direction, prompt=parameters.prompt_name)
    if isinstance(given, Sentences):
        texts = [given.source_sentence, *given.sentences]
    else:
        texts = [given] if isinstance(given, str) else given
    if version.classifies:
        _check_top_k(parameters.top_k)
    dimension = None if version.classifies else checked_dimension(version, parameters.dimensions)
    answered = await call.answered(version, texts, truncate=parameters.truncate is not False)
    if version.classifies:
        return _classified(answered, call.predictions(answered), parameters)
    if isinstance(given, Sentences):
        return cosines(vectors(answered, dimension=dimension))
    call.values = sum(map(len, answered.rows))
    found = vectors(answered, normalize=parameters.normalize, dimension=dimension)
    return found[0].tolist() if isinstance(given, str) else [vector.tolist() for vector in found]


def _parameters(asked: Request) -> Parameters:
    """Returns the parameters; those beside the inputs hold where there are no others of the name."""
    inner = asked.parameters or Parameters()
    found = {name: getattr(inner, name) for name in Parameters.__struct_fields__}
    return Parameters(**{name: getattr(asked, name) if value is None else value for name, value in found.items()})


def _check_top_k(top_k: int | None) -> None:
    if top_k is not None and top_k < 1:
        raise RequestError("invalid", f"expected top_k of at least 1, found {top_k}")


def _classified(answered: Answered, found: list[Prediction], parameters: Parameters) -> list[list[Scored]]:
    labels = answered.version.labels
    if parameters.function_to_apply is None:
        scores: Sequence[Sequence[float]] = [list(prediction.scores.values()) for prediction in found]
    else:
        scores = _FUNCTIONS[parameters.function_to_apply](np.stack(answered.rows)).tolist()
    return [ranked(labels, row)[: parameters.top_k] for row in scores]


def ranked(labels: Sequence[str], scores: Sequence[float]) -> list[Scored]:
    """Returns the labels with their scores, the best first."""
    return [
        Scored(label, score) for label, score in sorted(zip(labels, scores, strict=True), key=lambda pair: -pair[1])
    ]


def _softmax(logits: Floats) -> Floats:
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: Floats = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return found


def _sigmoid(logits: Floats) -> Floats:
    found: Floats = np.exp(-np.logaddexp(np.float32(0), -logits))
    return found


def _none(logits: Floats) -> Floats:
    return logits


_FUNCTIONS = {"softmax": _softmax, "sigmoid": _sigmoid, "none": _none}

_ANSWERS = (list[list[Scored]], list[list[float]], list[float])

DIALECT = Dialect(
    "Hugging Face Inference",
    (
        Route("POST", "/", answer, "Run the first model on texts", Request, _ANSWERS),
        Route("POST", "/models/{model}", answer, "Run the model of this name on texts", Request, _ANSWERS),
    ),
    lambda failure: Failed(failure.message),
    Failed,
)
