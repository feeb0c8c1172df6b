"""How close a bundle is to its checkpoint on the same texts, and whether that is close enough."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from linnet import Classifier, Encoding
from linnet.batching import batches
from linnet.postprocessing import Floats, Head
from linnet.session import Session

from linnet_export.errors import CheckpointError
from linnet_export.reference import Reference
from linnet_export.versions import versions
from linnet_export.weights import weights_kept

CLEAR_MARGIN = 0.1
"""From this margin on, the original is taken to be sure of its label."""

_WORST = 5


@dataclass(frozen=True)
class Criterion:
    """A measured ``value`` over ``n`` cases, held against a ``bound`` that it must not pass.

    ``at_least`` says on which side of the bound it must be. Over no cases it passes.
    """

    name: str
    value: float
    bound: float
    at_least: bool
    n: int

    @property
    def passed(self) -> bool:
        """Whether the value is on the right side of its bound."""
        return self.n == 0 or (self.value >= self.bound if self.at_least else self.value <= self.bound)

    @property
    def measured(self) -> str:
        """The value, for people: a share in per cent, a difference as it is."""
        return f"{self.value:.2%}" if self.at_least else f"{self.value:.2g}"

    @property
    def required(self) -> str:
        """The bound, for people."""
        return f"≥ {self.bound:.0%}" if self.at_least else f"≤ {self.bound:.2g}"


@dataclass(frozen=True)
class Offender:
    """A text on which the bundle is far from the original; ``drift`` is its greatest |Δscore|."""

    text: str
    drift: float
    original: str
    bundle: str


@dataclass(frozen=True)
class Parity:
    """What was measured; ``texts_sha256`` identifies the texts and their order."""

    criteria: tuple[Criterion, ...]
    mean_drift: float
    max_drift: float
    texts: int
    texts_sha256: str
    worst: tuple[Offender, ...]

    @property
    def failures(self) -> tuple[Criterion, ...]:
        """The criteria that the bundle misses."""
        return tuple(criterion for criterion in self.criteria if not criterion.passed)

    def as_json(self) -> dict[str, Any]:
        """The content of ``parity.json``."""
        return {
            "passed": not self.failures,
            "criteria": [{**asdict(criterion), "passed": criterion.passed} for criterion in self.criteria],
            "score_drift": {"mean": self.mean_drift, "max": self.max_drift},
            "texts": {"count": self.texts, "sha256": self.texts_sha256},
            "worst": [asdict(offender) for offender in self.worst],
            "versions": versions(),
        }


def measure(reference: Reference, fp32: Path, bundle: Classifier, texts: Sequence[str]) -> Parity:
    """Runs the texts through the original, through the fp32 graph, and through the bundle.

    Args:
        reference: the original.
        fp32: the fp32 graph that was exported from it.
        bundle: the finished bundle, as users will load it.
        texts: raw texts, as users write them.

    Raises:
        CheckpointError: the bundle and the checkpoint differ in their number of labels.
    """
    if len(bundle.labels) != len(reference.head.labels):
        raise CheckpointError(
            f"expected the checkpoint of the bundle, with {len(bundle.labels)} labels, "
            f"found one with {len(reference.head.labels)}: name the one that it was converted from"
        )
    ids = reference.input_ids(texts)
    logits = reference.logits(ids)
    scores, found = reference.head.scores(logits), bundle.head.scores(bundle.logits(texts))
    drift = np.abs(scores - found)
    return Parity(
        criteria=(
            _share("texts with identical input_ids", _same_ids(ids, bundle.encode(texts)), 1.0),
            _vocabulary_criterion(reference, bundle),
            Criterion("fp32 graph, max |Δlogit|", _fp32_drift(fp32, reference, ids, logits), 1e-4, False, len(texts)),
            _share("weights within a quantization step", weights_kept(fp32, bundle.bundle.graph), 1.0),
            *_decision_criteria(reference.head, scores, bundle.head, found),
        ),
        mean_drift=float(drift.mean()),
        max_drift=float(drift.max()),
        texts=len(texts),
        texts_sha256=hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest(),
        worst=tuple(
            Offender(
                text=_shortened(texts[row]),
                drift=float(drift[row].max()),
                original=decisions(reference.head, scores[row : row + 1])[0],
                bundle=decisions(bundle.head, found[row : row + 1])[0],
            )
            for row in np.argsort(-drift.max(axis=-1), kind="stable")[:_WORST].tolist()
        ),
    )


def decisions(head: Head, scores: Floats) -> list[str]:
    """What each row of the scores says: the best label, or every label above a half."""
    if head.exclusive:
        return [head.labels[best] for best in scores.argmax(axis=-1)]
    return [
        " + ".join(label for label, score in zip(head.labels, row, strict=True) if score > 0.5) or "none"
        for row in scores
    ]


def margins(head: Head, scores: Floats) -> Floats:
    """How sure each row is, 0 to 1: the best score less the next, or twice the least distance from a half."""
    if head.exclusive:
        best = np.sort(scores, axis=-1)
        return best[:, -1] - best[:, -2]
    return (2 * np.abs(scores - 0.5)).min(axis=-1)  # type: ignore[no-any-return]


def _vocabulary_criterion(reference: Reference, bundle: Classifier) -> Criterion:
    pieces = reference.vocabulary
    same = _same_ids(reference.prepared_ids(pieces), bundle.encode(pieces, preprocess=False))
    return _share("vocabulary pieces with identical input_ids", same, 1.0)


def _fp32_drift(fp32: Path, reference: Reference, ids: Sequence[Sequence[int]], logits: Floats) -> float:
    """The greatest |Δlogit| between the fp32 graph and the original, on the original's own ids."""
    session, drift = Session(fp32), np.zeros_like(logits)
    for batch in batches(ids, pad_token_id=reference.checkpoint.pad_token_id):
        drift[batch.rows] = np.abs(session.run(batch) - logits[batch.rows])
    return float(drift.max())


def _decision_criteria(original: Head, scores: Floats, bundle: Head, found: Floats) -> list[Criterion]:
    agrees = _equal(decisions(original, scores), decisions(bundle, found))
    clear = [agree for agree, margin in zip(agrees, margins(original, scores), strict=True) if margin > CLEAR_MARGIN]
    return [
        _share("labels in their place", _equal(original.labels, bundle.labels), 1.0),
        _share("label agreement", agrees, 0.95),
        _share(f"label agreement where the margin exceeds {CLEAR_MARGIN}", clear, 0.98),
    ]


def _share(name: str, flags: Sequence[bool], bound: float) -> Criterion:
    value = sum(flags) / len(flags) if flags else 1.0
    return Criterion(name, value, bound, at_least=True, n=len(flags))


def _same_ids(ids: Sequence[Sequence[int]], encodings: Sequence[Encoding]) -> list[bool]:
    return _equal(ids, [encoding.ids for encoding in encodings])


def _equal(expected: Sequence[object], found: Sequence[object]) -> list[bool]:
    return [a == b for a, b in zip(expected, found, strict=True)]


def _shortened(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
