"""The embeddings of OpenAI's API, and its list of models."""

import base64
from typing import Literal

import msgspec

from ...arrays import Floats
from ..call import Call
from ..failures import NoRouteError, RequestError
from .inputs import Input, texts_of
from .routes import Dialect, Route
from .vectors import checked_dimension, vectors


class Request(msgspec.Struct):
    """A request for vectors."""

    input: Input
    model: str | None = None
    encoding_format: Literal["float", "base64"] | None = None  # some clients send null where nothing is asked
    dimensions: int | None = None
    user: str | None = None


class Embedding(msgspec.Struct):
    """A vector: a list of numbers, or the base64 of its little-endian float32 values."""

    index: int
    embedding: list[float] | str
    object: str = "embedding"


class Usage(msgspec.Struct):
    """The tokens of a request."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(msgspec.Struct):
    """The vectors of a request's texts, in order."""

    data: list[Embedding]
    model: str
    usage: Usage
    object: str = "list"


class Model(msgspec.Struct):
    """A model, or one version of it."""

    id: str
    created: int = 0
    owned_by: str = "linnet"
    object: str = "model"


class Models(msgspec.Struct):
    """All models."""

    data: list[Model]
    object: str = "list"


class Fault(msgspec.Struct):
    """What failed."""

    message: str
    type: str
    code: str
    param: str | None = None


class Failed(msgspec.Struct):
    """A failure."""

    error: Fault


async def embeddings(call: Call, asked: Request) -> Embeddings:
    """Returns a vector for each text, normalised as the bundle says."""
    version = call.embedder(asked.model)
    dimension = checked_dimension(version, asked.dimensions)
    answered = await call.answered(version, await texts_of(call, version, asked.input))
    call.values = sum(map(len, answered.rows))
    encode = _base64 if asked.encoding_format == "base64" else _floats
    data = [Embedding(index, encode(vector)) for index, vector in enumerate(vectors(answered, dimension=dimension))]
    return Embeddings(data, version.name, Usage(answered.tokens, answered.tokens))


async def models(call: Call, _: object) -> Models:
    """Lists the models, and their versions as ``NAME@VERSION``."""
    registry = call.service.registry
    return Models([*(Model(served.name) for served in registry), *(Model(version.id) for version in registry.versions)])


async def model(call: Call, _: object) -> Model:
    """Returns one model, or version."""
    assert call.model
    call.find()
    return Model(call.model)


def _floats(vector: Floats) -> list[float]:
    return vector.tolist()  # type: ignore[no-any-return]


def _base64(vector: Floats) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")


def _failed(failure: RequestError) -> Failed:
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    if isinstance(failure, NoRouteError):  # as the original server tells it
        kinds = {}
    kind = kinds.get(failure.status, "invalid_request_error" if failure.status < 500 else "server_error")
    return Failed(Fault(failure.message, kind, failure.kind))


DIALECT = Dialect(
    "OpenAI",
    (
        Route("POST", "/v1/embeddings", embeddings, "Embed texts", Request, (Embeddings,)),
        Route("GET", "/v1/models", models, "List the models and their versions", answers=(Models,)),
        Route("GET", "/v1/models/{model}", model, "Show a model", answers=(Model,)),
    ),
    _failed,
    Failed,
)
