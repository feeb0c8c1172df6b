"""The API of Text Embeddings Inference: its fields, its error objects and its statuses."""

import numpy as np

from ... import __version__
from ...inference.batching import TOKEN_BUDGET
from ..call import Call
from ..failures import RequestError
from ..versions.version import Version
from . import tei_types as types
from .huggingface import ranked
from .inputs import check_reading, decoded, texts_of
from .routes import Dialect, Route
from .vectors import checked_dimension, cosines, vectors


async def predict(call: Call, asked: types.PredictRequest) -> object:
    """Returns the labels of a text with their scores, the best first; a list of these for a batch."""
    version = call.classifier()
    texts, single = _texts_to_predict(asked.inputs)
    answered = await call.answered(version, texts, truncate=_truncate(version, asked))
    found = call.predictions(answered)
    rows = np.stack(answered.rows).tolist() if asked.raw_scores else [list(each.scores.values()) for each in found]
    results = [ranked(version.labels, row) for row in rows]
    return results[0] if single else results


async def embed(call: Call, asked: types.EmbedRequest) -> object:
    """Returns a vector for each text."""
    version = call.embedder()
    dimension = checked_dimension(version, asked.dimensions)
    texts = await texts_of(call, version, asked.inputs)
    answered = await call.answered(version, texts, truncate=_truncate(version, asked))
    call.values = sum(map(len, answered.rows))
    return [vector.tolist() for vector in vectors(answered, normalize=asked.normalize, dimension=dimension)]


async def embed_all(call: Call, asked: types.EmbedAllRequest) -> object:
    """Returns a vector for each token of each text, special tokens included."""
    version, service = call.embedder(), call.service
    texts = await texts_of(call, version, asked.inputs)
    read = await service.read(version, texts, truncate=_truncate(version, asked))
    tokens = sum(len(each.ids) for each in read)
    if tokens > service.limits.token_vectors:
        raise RequestError(
            "validation",
            f"expected at most {service.limits.token_vectors} tokens to embed each, found {tokens}; send fewer texts",
        )
    answered = await service.rows(version, read, np.copy)
    call.count(answered, sum(map(len, texts)))
    call.values = tokens * version.dimension
    return [row.tolist() for row in answered.rows]


async def similarity(call: Call, asked: types.SimilarityRequest) -> object:
    """Returns the cosine of the first text with each of the others."""
    version, parameters = call.embedder(), asked.parameters or types.SimilarityParameters()
    if not asked.inputs.sentences:
        raise RequestError("empty", "expected at least one sentence, found none")
    texts = [asked.inputs.source_sentence, *asked.inputs.sentences]
    answered = await call.answered(version, texts, truncate=_truncate(version, parameters))
    return cosines(vectors(answered))


async def rerank(call: Call, asked: types.RerankRequest) -> object:
    """Refuses: no bundle that is served reads pairs."""
    version = call.find()
    raise RequestError("backend", f"{version.name} is not a re-ranker: it reads one text at a time, and no pairs")


async def tokenize(call: Call, asked: types.TokenizeRequest) -> object:
    """Returns the tokens of each text, nothing truncated, with their places in the text as it was given."""
    version = call.find()
    check_reading(version, direction=None, prompt=asked.prompt_name)
    texts = [asked.inputs] if isinstance(asked.inputs, str) else asked.inputs
    await call.service.read(version, texts)  # checks them
    encodings = await call.service.aside(lambda: version.encode(texts))
    call.texts += len(texts)
    call.values = sum(len(found.ids) for found in encodings)
    return [
        [
            types.SimpleToken(
                index,
                token if special else text[start:stop],
                bool(special),
                *((None, None) if special else (start, stop)),
            )
            for index, token, special, (start, stop) in zip(
                found.ids, found.tokens, found.special_tokens_mask, found.offsets, strict=True
            )
            if asked.add_special_tokens or not special
        ]
        for text, found in zip(texts, encodings, strict=True)
    ]


async def decode(call: Call, asked: types.DecodeRequest) -> object:
    """Returns the text of each list of ids."""
    several = [asked.ids] if all(isinstance(each, int) for each in asked.ids) and asked.ids else asked.ids
    if any(isinstance(each, int) for each in several):
        raise RequestError("invalid", "expected lists of ids, found numbers among them")
    return await decoded(call, call.find(), list(several), skip_special_tokens=asked.skip_special_tokens)


async def info(call: Call, _: object) -> types.Info:
    """Describes a model and the server."""
    version, limits = call.find(), call.service.limits
    settings, manifest = version.settings, version.model.bundle.manifest
    numbered = {str(index): label for index, label in enumerate(version.labels)}
    kind = (
        {"classifier": {"id2label": numbered, "label2id": {label: int(index) for index, label in numbered.items()}}}
        if version.classifies
        else {"embedding": {"pooling": settings.embedding.pooling if settings.embedding else "mean"}}
    )
    return types.Info(
        model_id=manifest.source.id or version.name,
        model_sha=manifest.source.revision,
        served_model_name=version.name,
        model_version=version.label,
        model_dtype="int8",
        model_type=kind,
        max_concurrent_requests=limits.connections,
        max_input_length=settings.max_length,
        max_batch_tokens=TOKEN_BUDGET,
        max_client_batch_size=limits.texts,
        tokenization_workers=1,
        version=__version__,
    )


def _texts_to_predict(given: types.PredictInput) -> tuple[list[str], bool]:
    """Returns the texts, and whether they were given as one text."""
    if isinstance(given, str):
        return [given], True
    if given and all(isinstance(each, str) for each in given):
        return [_alone([each for each in given if isinstance(each, str)])], True
    return [_alone([each] if isinstance(each, str) else each) for each in given], False


def _truncate(version: Version, asked: types.Truncated) -> bool:
    """Returns whether longer texts may be truncated, after the rest of what is asked is checked."""
    prompt = asked.prompt_name if isinstance(asked, types.Prompted) else None
    check_reading(version, direction=asked.truncation_direction, prompt=prompt)
    return asked.truncate is not False


def _alone(texts: list[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    raise RequestError(
        "invalid",
        f"expected one text, found {len(texts)}, which stand for a pair: send a batch as [[text], [text], …]; "
        "no bundle here reads pairs",
    )


def _failed(failure: RequestError) -> types.Failed:
    kind = "validation" if failure.kind in ("invalid", "malformed") else failure.kind
    return types.Failed(failure.message, kind.title().replace("_", ""))  # as the original server names them


_PREDICTED = (list[types.Prediction], list[list[types.Prediction]])
_VECTORS = list[list[float]]
_TOKENS = list[list[types.SimpleToken]]

DIALECT = Dialect(
    "Text Embeddings Inference",
    (
        Route("POST", "/predict", predict, "Classify texts", types.PredictRequest, _PREDICTED, by_model=True),
        Route("POST", "/embed", embed, "Embed texts", types.EmbedRequest, (_VECTORS,), by_model=True),
        Route("POST", "/embed_all", embed_all, "Embed tokens", types.EmbedAllRequest, (list[_VECTORS],), by_model=True),
        Route("POST", "/similarity", similarity, "Compare", types.SimilarityRequest, (list[float],), by_model=True),
        Route("POST", "/rerank", rerank, "Rank texts", types.RerankRequest, (list[types.Rank],), by_model=True),
        Route("POST", "/tokenize", tokenize, "Tokenize texts", types.TokenizeRequest, (_TOKENS,), by_model=True),
        Route("POST", "/decode", decode, "Turn ids into texts", types.DecodeRequest, (list[str],), by_model=True),
        Route("GET", "/info", info, "Describe the model", answers=(types.Info,), by_model=True),
    ),
    _failed,
    types.Failed,
)
