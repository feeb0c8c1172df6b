"""How close a bundle is to its checkpoint on the same texts, and whether that is close enough."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from linnet import Classifier, Embedder
from linnet.session import Session
from linnet.tokenizer import Tokenizer

from linnet_export import classification_parity, embedding_parity
from linnet_export.comparison import Comparison, chunks
from linnet_export.criteria import Criterion, equal, share
from linnet_export.errors import CheckpointError
from linnet_export.reference import Reference
from linnet_export.saturation import exact_matrices
from linnet_export.versions import versions
from linnet_export.weights import weights_kept

_WORST = 5
_FEW = 50
"""A proof on fewer texts says little."""

_PIECES = 16384
"""How many pieces of the vocabulary are encoded at a time: a quarter million encodings take 700 MB."""


@dataclass(frozen=True)
class Offender:
    """A text on which the bundle is far from the original: its ``drift``, and what each of the two makes of it."""

    text: str
    drift: float
    original: str
    bundle: str


@dataclass(frozen=True)
class Parity:
    """What was measured; ``texts_sha256`` identifies the texts and their order.

    ``drift`` says what ``mean_drift`` and ``max_drift`` measure.
    """

    criteria: tuple[Criterion, ...]
    drift: str
    mean_drift: float
    max_drift: float
    texts: int
    texts_sha256: str
    worst: tuple[Offender, ...]

    @property
    def failures(self) -> tuple[Criterion, ...]:
        """The criteria that the bundle misses."""
        return tuple(criterion for criterion in self.criteria if not criterion.passed)

    @property
    def caution(self) -> str | None:
        """What to say of a proof on few texts."""
        if self.texts >= _FEW:
            return None
        return f"only {self.texts} texts have all their pieces in this bundle's vocabulary, and the proof rests on them"

    def as_json(self) -> dict[str, Any]:
        """The content of ``parity.json``."""
        return {
            "passed": not self.failures,
            "criteria": [{**asdict(criterion), "passed": criterion.passed} for criterion in self.criteria],
            "drift": {"what": self.drift, "mean": self.mean_drift, "max": self.max_drift},
            "texts": {"count": self.texts, "sha256": self.texts_sha256},
            "worst": [asdict(offender) for offender in self.worst],
            "versions": versions(),
        }


def measure(reference: Reference, fp32: Path, bundle: Classifier | Embedder, texts: Sequence[str]) -> Parity:
    """Runs the texts through the original, through the fp32 graph, and through the bundle.

    Args:
        reference: the original.
        fp32: the fp32 graph that was exported from it.
        bundle: the finished bundle, as users will load it.
        texts: raw texts, as users write them; those with pieces that the bundle's vocabulary lacks are only counted.

    Raises:
        CheckpointError: the bundle and the checkpoint do not belong together, or there is no text to compare on.
    """
    held = reference.held([reference.prepare(text).text for text in texts])
    if texts and not any(held):
        raise CheckpointError("none of the texts has only pieces that are kept: keep more of the vocabulary")
    smaller = [share("texts with no piece that is left out", held, 0.0)] if reference.selection else []
    texts = [text for text, kept in zip(texts, held, strict=True) if kept]
    found = _compare(reference, fp32, bundle, texts)
    return Parity(
        criteria=(
            share("texts with identical input_ids", found.same_ids, 1.0),
            _vocabulary_criterion(reference, bundle),
            Criterion(found.fp32_drift_name, found.fp32_drift, 1e-4, at_least=False, n=len(texts)),
            share("weights within a quantization step", weights_kept(fp32, bundle.bundle.graph), 1.0),
            share("INT8 matrices whose sums are exact on every processor", exact_matrices(bundle.bundle.graph), 1.0),
            *found.criteria,
            *smaller,
        ),
        drift=found.drift_name,
        mean_drift=found.mean_drift,
        max_drift=float(found.drift.max(initial=0.0)),
        texts=len(texts),
        texts_sha256=hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest(),
        worst=_worst(texts, found),
    )


def _compare(reference: Reference, fp32: Path, bundle: Classifier | Embedder, texts: Sequence[str]) -> Comparison:
    session = Session(fp32)
    if isinstance(bundle, Embedder):
        return embedding_parity.compare(reference, session, bundle, texts)
    return classification_parity.compare(reference, session, bundle, texts)


def _vocabulary_criterion(reference: Reference, bundle: Classifier | Embedder) -> Criterion:
    by_json = _tokenizer_json(bundle) if bundle.bundle.compact_tokenizer else None
    same: list[bool] = []
    for part in chunks(reference.vocabulary, _PIECES):
        pieces = [piece for piece, kept in zip(part, reference.held(part), strict=True) if kept]
        expected = reference.bundle_ids(reference.encode_prepared(pieces))
        found = equal(expected, [encoding.ids for encoding in bundle.encode(pieces, preprocess=False)])
        if by_json:
            found = [a and b for a, b in zip(found, equal(expected, by_json.ids(pieces)), strict=True)]
        same += found
    return share("vocabulary pieces with identical input_ids", same, 1.0)


def _tokenizer_json(bundle: Classifier | Embedder) -> Tokenizer:
    """What others read, where Linnet itself reads a compact tokenizer."""
    settings = bundle.bundle.settings
    return Tokenizer(
        bundle.bundle.tokenizer_json, max_length=settings.max_length, truncation_side=settings.truncation_side
    )


def _worst(texts: Sequence[str], found: Comparison) -> tuple[Offender, ...]:
    return tuple(
        Offender(_shortened(texts[row]), float(found.drift[row]), found.original[row], found.bundle[row])
        for row in np.argsort(-found.drift, kind="stable")[:_WORST].tolist()
    )


def _shortened(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
