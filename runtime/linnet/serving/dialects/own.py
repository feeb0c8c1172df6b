"""Linnet's own routes: what the page needs, and what the other dialects have no words for."""

from time import perf_counter

import msgspec

from ...errors import InputError
from ...explaining.explanation import PERMUTATIONS
from ...postprocessing.calibration import MinScore
from ..call import Call
from ..explanations import explanation
from ..failures import RequestError
from ..versions.version import Version
from .routes import Dialect, Route
from .tei_types import Failed


class ClassifyRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Texts to classify; ``model`` is ``NAME`` or ``NAME@VERSION``.

    ``min_score`` is the least score of an answer, from 0 to 1: one for all labels, or one by label. Labels that it does
    not name are always answered, those with null never. Without it, the thresholds of the bundle hold.
    """

    texts: str | list[str]
    model: str | None = None
    min_score: float | dict[str, float | None] | None = None


class Answer(msgspec.Struct):
    """A prediction, as the library gives it; the label is null below its threshold."""

    label: str | None
    score: float
    scores: dict[str, float]
    truncated: bool


class Classified(msgspec.Struct):
    """The predictions of one version, in order, and the time that they took."""

    model: str
    version: str
    seconds: float
    results: list[Answer]


class CompareRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Texts to classify with two versions."""

    texts: str | list[str]
    models: list[str]


class Compared(msgspec.Struct):
    """The predictions of two versions, and the indices of the texts whose labels differ."""

    answers: list[Classified]
    differing: list[int]


class ExplainRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A text to explain; the defaults are those of the library."""

    text: str
    model: str | None = None
    label: str | None = None
    method: str = "leave-one-out"
    permutations: int = PERMUTATIONS


class Word(msgspec.Struct):
    """A word, its characters in the text, and what it contributes to the label's logit and score."""

    word: str
    start: int
    end: int
    contribution: float
    score_contribution: float
    error: float


class Explained(msgspec.Struct):
    """What each word contributes, as `linnet explain --json` prints it."""

    text: str
    label: str
    score: float
    base_score: float
    logit: float
    base: float
    method: str
    truncated: bool
    words: list[Word]
    model: str
    version: str


class Listed(msgspec.Struct):
    """A version of a model: ``role`` is ``current``, ``previous``, ``candidate`` or ``loaded``."""

    model: str
    version: str
    role: str
    task: str
    labels: list[str]
    digest: str
    dimension: int | None


class Models(msgspec.Struct):
    """All versions of all models."""

    models: list[Listed]


async def classify(call: Call, asked: ClassifyRequest) -> Classified:
    """Returns the predictions of a version, as the library gives them."""
    return await _classified(call, call.classifier(asked.model), asked.texts, asked.min_score)


async def compare(call: Call, asked: CompareRequest) -> Compared:
    """Returns the predictions of two versions."""
    if len(asked.models) != 2:
        raise RequestError("invalid", f"expected two models or versions, found {len(asked.models)}")
    versions = [call.service.registry.find(name, "text-classification") for name in asked.models]
    call.version = versions[0]
    first, second = [await _classified(call, version, asked.texts, None) for version in versions]
    pairs = enumerate(zip(first.results, second.results, strict=True))
    return Compared([first, second], [index for index, (one, other) in pairs if one.label != other.label])


async def _classified(call: Call, version: Version, texts: str | list[str], min_score: MinScore | None) -> Classified:
    start = perf_counter()
    try:
        version.classifier.head.least(min_score)  # before texts are run: it may name an unknown label
    except InputError as error:
        raise RequestError("invalid", str(error)) from None
    answered = await call.answered(version, [texts] if isinstance(texts, str) else texts)
    found = call.predictions(answered, min_score)
    results = [Answer(each.label, each.score, each.scores, each.truncated) for each in found]
    return Classified(version.name, version.label, perf_counter() - start, results)


async def explained(call: Call, asked: ExplainRequest) -> Explained:
    """Returns what each word of a text contributes to a label, as the library does; its variants share the queue."""
    version = call.classifier(asked.model)
    [read] = await call.service.read(version, [asked.text])  # checks the text
    call.note([read], len(read.ids))
    try:
        found = await explanation(
            call.service,
            version,
            asked.text,
            label=asked.label,
            method=asked.method,
            permutations=asked.permutations,
        )
    except InputError as error:
        raise RequestError("invalid", str(error)) from None
    parts = zip(found.words, found.spans, found.contributions, found.score_contributions, found.errors, strict=True)
    words = [Word(word, *span, value, score, error) for word, span, value, score, error in parts]
    facts = {name: getattr(found, name) for name in Explained.__struct_fields__ if hasattr(found, name)}
    return Explained(**facts | {"words": words, "model": version.name, "version": version.label})


async def models(call: Call, _: object) -> Models:
    """Lists the versions of all models, with what each is for."""
    return Models([_listed(version, call) for version in call.service.registry.versions])


def _listed(version: Version, call: Call) -> Listed:
    served = call.service.registry.served(version.name)
    roles = {"current": served.current, "candidate": served.candidate, "previous": served.previous}
    role = next((name for name, holder in roles.items() if holder is version), "loaded")
    return Listed(
        version.name,
        version.label,
        role,
        version.task,
        list(version.labels),
        version.model.bundle.digest,
        None if version.classifies else version.dimension,
    )


DIALECT = Dialect(
    "Linnet",
    (
        Route("POST", "/classify", classify, "Classify texts, as the library does", ClassifyRequest, (Classified,)),
        Route("POST", "/compare", compare, "Classify texts with two versions", CompareRequest, (Compared,)),
        Route("POST", "/explain", explained, "Show what each word contributes", ExplainRequest, (Explained,)),
        Route("GET", "/models", models, "List the versions of all models", answers=(Models,)),
    ),
    lambda failure: Failed(failure.message, failure.kind),
    Failed,
)
