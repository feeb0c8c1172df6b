"""The bodies of Text Embeddings Inference."""

from typing import Any

import msgspec

from .huggingface import Scored as Prediction
from .inputs import Direction, Input

__all__ = ["Prediction"]

PredictInput = str | list[str | list[str]]
"""One text; or a batch, each text in a list of its own. A list of two texts stands for a pair."""


class Truncated(msgspec.Struct, kw_only=True):
    """How longer texts are read."""

    truncate: bool | None = None
    truncation_direction: Direction | None = None


class Prompted(Truncated, kw_only=True):
    """What is put before the texts, by name."""

    prompt_name: str | None = None


class PredictRequest(Truncated, kw_only=True):
    """What `/predict` asks."""

    inputs: PredictInput
    raw_scores: bool = False


class EmbedRequest(Prompted, kw_only=True):
    """What `/embed` asks."""

    inputs: Input
    normalize: bool = True
    dimensions: int | None = None


class EmbedAllRequest(Prompted, kw_only=True):
    """What `/embed_all` asks."""

    inputs: Input


class SimilarityInput(msgspec.Struct):
    """A text, and those that it is compared with."""

    source_sentence: str
    sentences: list[str]


class SimilarityParameters(Prompted, kw_only=True):
    """The parameters of `/similarity`."""


class SimilarityRequest(msgspec.Struct):
    """What `/similarity` asks."""

    inputs: SimilarityInput
    parameters: SimilarityParameters | None = None


class RerankRequest(msgspec.Struct):
    """What `/rerank` asks."""

    query: str
    texts: list[str]
    raw_scores: bool = False
    return_text: bool = False
    truncate: bool | None = None
    truncation_direction: Direction | None = None


class Rank(msgspec.Struct):
    """A text's place: its index, its score, and perhaps the text."""

    index: int
    score: float
    text: str | None = None


class TokenizeRequest(msgspec.Struct):
    """What `/tokenize` asks."""

    inputs: str | list[str]
    add_special_tokens: bool = True
    prompt_name: str | None = None


class SimpleToken(msgspec.Struct):
    """A token; ``start`` and ``stop`` are its characters in the text, None for special tokens."""

    id: int
    text: str
    special: bool
    start: int | None
    stop: int | None


class DecodeRequest(msgspec.Struct):
    """What `/decode` asks: ids, or several lists of them."""

    ids: list[int | list[int]]
    skip_special_tokens: bool = True


class Info(msgspec.Struct):
    """What `/info` answers."""

    model_id: str
    model_sha: str | None
    model_dtype: str
    served_model_name: str
    model_version: str
    model_type: dict[str, dict[str, Any]]
    max_concurrent_requests: int
    max_input_length: int
    max_batch_tokens: int
    max_client_batch_size: int
    tokenization_workers: int
    version: str
    max_batch_requests: int | None = None
    auto_truncate: bool = True
    sha: str | None = None
    docker_label: str | None = None


class Failed(msgspec.Struct):
    """A failure."""

    error: str
    error_type: str
