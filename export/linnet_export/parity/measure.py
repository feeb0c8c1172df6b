"""Measures how close a bundle is to its checkpoint on the same texts, and whether that is close enough."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from linnet import Classifier, Embedder
from linnet.inference.cpu import available_cpus
from linnet.inference.graph import read_graph
from linnet.inference.internals import InternalsSession
from linnet.inference.session import Session
from linnet.tasks import CLASSIFICATION, EMBEDDING
from linnet.tokenization.tokenizer import Tokenizer

from linnet_export.errors import CheckpointError
from linnet_export.int8.matrices import exact_matrices
from linnet_export.parity import classification as classification_parity
from linnet_export.parity import embedding as embedding_parity
from linnet_export.parity.comparison import Comparison, chunks
from linnet_export.parity.criteria import FP32_DRIFT, Criterion, equal, share
from linnet_export.parity.internals import compare_internals
from linnet_export.parity.reference import Reference
from linnet_export.parity.versions import versions
from linnet_export.parity.weights import weights_kept

_WORST = 5
_FEW = 50
"""Parity on fewer texts proves little."""

_PIECES = 16384
"""The number of vocabulary pieces encoded at a time: a quarter million encodings take 700 MB."""


@dataclass(frozen=True)
class Offender:
    """A text on which the bundle is far from the original."""

    text: str
    """The text, shortened."""
    drift: float
    """The difference between the bundle and the original."""
    original: str
    """The original's result, in a word."""
    bundle: str
    """The bundle's result, in a word."""


@dataclass(frozen=True)
class Parity:
    """The measured parity of a bundle."""

    criteria: tuple[Criterion, ...]
    """All criteria."""
    drift: str
    """The name of the quantity that ``mean_drift`` and ``max_drift`` measure."""
    mean_drift: float
    """The mean difference between the bundle and the original."""
    max_drift: float
    """The greatest difference between the bundle and the original on a text."""
    texts: int
    """The number of texts compared."""
    texts_sha256: str
    """A hash that identifies the texts and their order."""
    worst: tuple[Offender, ...]
    """The texts with the greatest differences, the worst first."""

    @property
    def failures(self) -> tuple[Criterion, ...]:
        """The criteria that the bundle misses."""
        return tuple(criterion for criterion in self.criteria if not criterion.passed)

    @property
    def caution(self) -> str | None:
        """A warning if parity was measured on few texts, else None."""
        if self.texts >= _FEW:
            return None
        return f"only {self.texts} texts have all their pieces in this bundle's vocabulary, so parity proves little"

    def as_json(self) -> dict[str, Any]:
        """Returns the content of ``parity.json``."""
        return {
            "passed": not self.failures,
            "criteria": [{**asdict(criterion), "passed": criterion.passed} for criterion in self.criteria],
            "drift": {"what": self.drift, "mean": self.mean_drift, "max": self.max_drift},
            "texts": {"count": self.texts, "sha256": self.texts_sha256},
            "worst": [asdict(offender) for offender in self.worst],
            "versions": versions(),
        }


def measure(
    reference: Reference,
    fp32: Path,
    bundle: Classifier | Embedder,
    texts: Sequence[str],
    *,
    internals: Path | None = None,
    say: Callable[[str], None] = lambda part: None,
) -> Parity:
    """Compares the original, the fp32 graph and the bundle on the texts.

    Args:
        reference: the original.
        fp32: the fp32 graph that was exported from it.
        bundle: the finished bundle, as users will load it.
        texts: raw texts, as users write them; texts with pieces outside the bundle's vocabulary are only counted.
        internals: the fp32 graph of hidden states and attentions, if the bundle has one too.
        say: is called with the name of each part before it begins.

    Raises:
        CheckpointError: the bundle does not belong to the checkpoint, or there is no text to compare.
    """
    texts, smaller = _held(reference, texts)
    say(f"{len(texts)} texts")
    found = _compare(reference, fp32, bundle, texts)
    say("its vocabulary")
    vocabulary = _vocabulary_criterion(reference, bundle)
    weights = _weight_criteria(fp32, bundle.bundle.graph, say)
    inner = _internals_criteria(reference, internals, bundle, texts, say)
    fp32_drift = Criterion(found.fp32_drift_name, found.fp32_drift, FP32_DRIFT, at_least=False, n=len(texts))
    same_ids = share("texts with identical input_ids", found.same_ids, 1.0)
    return Parity(
        criteria=(same_ids, vocabulary, fp32_drift, *weights, *found.criteria, *inner, *smaller),
        drift=found.drift_name,
        mean_drift=found.mean_drift,
        max_drift=float(found.drift.max(initial=0.0)),
        texts=len(texts),
        texts_sha256=hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest(),
        worst=_worst(texts, found),
    )


def _held(reference: Reference, texts: Sequence[str]) -> tuple[list[str], list[Criterion]]:
    """Returns the texts whose pieces the bundle's vocabulary has; for a smaller one, also the share of them."""
    held = reference.held([reference.prepare(text).text for text in texts])
    if texts and not any(held):
        raise CheckpointError("expected texts whose pieces are all kept, found none: keep more of the vocabulary")
    smaller = [share("texts with no piece that is left out", held, 0.0)] if reference.selection else []
    return [text for text, kept in zip(texts, held, strict=True) if kept], smaller


def _weight_criteria(fp32: Path, int8: Path, say: Callable[[str], None]) -> list[Criterion]:
    say("its weights")
    return [
        share("weights within a quantization step", weights_kept(fp32, int8), 1.0),
        share("INT8 matrices whose sums are exact on every processor", exact_matrices(int8), 1.0),
    ]


def _internals_criteria(
    reference: Reference,
    fp32: Path | None,
    bundle: Classifier | Embedder,
    texts: Sequence[str],
    say: Callable[[str], None],
) -> list[Criterion]:
    if fp32 is None:
        return []
    say("its internals")
    session = InternalsSession(partial(read_graph, fp32), threads=available_cpus())
    return compare_internals(reference, session, bundle, texts)


def _compare(reference: Reference, fp32: Path, bundle: Classifier | Embedder, texts: Sequence[str]) -> Comparison:
    return COMPARISONS[bundle.task](reference, Session(read_graph(fp32)), bundle, texts)


COMPARISONS: dict[str, Callable[..., Comparison]] = {
    CLASSIFICATION: classification_parity.compare,
    EMBEDDING: embedding_parity.compare,
}
"""How the bundles of each task are compared with the original."""


def _vocabulary_criterion(reference: Reference, bundle: Classifier | Embedder) -> Criterion:
    by_json = _tokenizer_json(bundle) if bundle.bundle.compact_tokenizer else None
    same: list[bool] = []
    for part in chunks(reference.vocabulary, _PIECES):
        pieces = [piece for piece, kept in zip(part, reference.held(part), strict=True) if kept]
        expected = reference.bundle_ids(reference.encode_prepared(pieces))
        found = equal(expected, [encoding.ids for encoding in bundle.encode(pieces, preprocess=False)])
        if by_json:
            found = [
                a and b for a, b in zip(found, equal(expected, [read.ids for read in by_json.ids(pieces)]), strict=True)
            ]
        same += found
    return share("vocabulary pieces with identical input_ids", same, 1.0)


def _tokenizer_json(bundle: Classifier | Embedder) -> Tokenizer:
    """Returns the tokenizer of ``tokenizer.json``, which other loaders read; Linnet reads the compact tokenizer."""
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
