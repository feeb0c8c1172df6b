"""Compares a machine's answers with the host's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import linnet
import numpy as np
import numpy.typing as npt
from linnet_export.parity.criteria import (
    COSINE_LEAST,
    COSINE_MEAN,
    LOGIT_DRIFT,
    LOGIT_DRIFT_NAME,
    Criterion,
    cosine_name,
    equal,
    share,
)
from linnet_export.parity.decisions import decisions, margins

from isa.emulated import Answers, Floats

TIE = 0.01
"""Up to this margin of the scores, fp32 rounding may decide: INT8 itself moves scores by a third of it in the mean."""

Model = linnet.Classifier | linnet.Embedder


@dataclass(frozen=True)
class Comparison:
    """The differences between a machine's answers and the host's."""

    n: int
    """The number of texts."""
    labels_equal: int | None
    """The number of texts with the host's labels; None for embeddings."""
    changed: list[tuple[int, float]]
    """The texts with other labels: the index, and the host's margin between its two best scores."""
    cosine_least: float | None
    """The least cosine with the host's vectors; None for classifiers."""
    greatest: float
    """The greatest absolute difference of logits or components."""
    mean: float
    """The mean absolute difference of logits or components."""
    same_as_host: int
    """The number of texts with the same bits as on the host."""
    bits_equal: int
    """The number of texts with the same bits alone, in a batch, and in a batch of another order."""
    criteria: list[Criterion]
    """The criteria that the machine must meet."""

    @property
    def passed(self) -> bool:
        """Whether the machine meets all criteria."""
        return all(criterion.passed for criterion in self.criteria)


def compare(model: Model, host: Answers, found: Answers, *, per_token: bool, parity: Mapping[str, float]) -> Comparison:
    """Compares a machine's answers with the host's.

    Args:
        model: the bundle's model, which turns logits into labels.
        host: the host's answers.
        found: the machine's answers.
        per_token: whether texts must have the same bits alone and in a batch.
        parity: the values in the bundle's ``parity.json``, by criterion. Another processor must change answers by less
            than INT8 itself did, which fails if weights saturate. Parity's own bounds also apply.
    """
    drift = np.abs(found.alone - host.alone)
    bits: list[bool] = (_same(found.alone, found.batched) & _same(found.alone, found.reversed)).tolist()
    if isinstance(model, linnet.Classifier):
        judged = _labels(model, host.alone, found.alone, drift, parity)
    else:
        judged = _vectors(host.alone, found.alone, parity)
    criteria = list(judged.criteria)
    if per_token:
        criteria.append(share("the same bits alone, batched and reordered", bits, 1.0))
    return Comparison(
        n=len(drift),
        labels_equal=judged.labels_equal,
        changed=list(judged.changed),
        cosine_least=judged.cosine_least,
        greatest=float(drift.max()),
        mean=float(drift.mean()),
        same_as_host=int(_same(host.alone, found.alone).sum()),
        bits_equal=sum(bits),
        criteria=criteria,
    )


class _Judged(NamedTuple):
    """The fields of a `Comparison` that depend on the task."""

    criteria: list[Criterion]
    labels_equal: int | None = None
    changed: Sequence[tuple[int, float]] = ()
    cosine_least: float | None = None


def _labels(
    model: linnet.Classifier, host: Floats, found: Floats, drift: Floats, parity: Mapping[str, float]
) -> _Judged:
    expected, scores = model.head.scores(host), model.head.scores(found)
    labels = equal(decisions(model.head, expected), decisions(model.head, scores))
    sure = margins(model.head, expected)
    no_ties = [same for same, margin in zip(labels, sure, strict=True) if margin > TIE]
    criteria = [
        share("labels as on the host", labels, 0.99),
        share(f"labels as on the host where its margin exceeds {TIE}", no_ties, 1.0),
        _logit_drift(host, drift, parity),
    ]
    changed = [(text, float(sure[text])) for text, same in enumerate(labels) if not same]
    return _Judged(criteria, labels_equal=sum(labels), changed=changed)


def _vectors(host: Floats, found: Floats, parity: Mapping[str, float]) -> _Judged:
    cosines = _cosines(host, found)
    mean = max(COSINE_MEAN, parity.get(cosine_name("text", "mean"), -1))
    least = max(COSINE_LEAST, parity.get(cosine_name("text", "least"), -1))
    criteria = [
        Criterion("cosine with the host's vector, mean", float(cosines.mean()), mean, True, len(host)),
        Criterion("cosine with the host's vector, least", float(cosines.min()), least, True, len(host)),
    ]
    return _Judged(criteria, cosine_least=float(cosines.min()))


def _same(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Returns which rows are equal bit by bit: bool (n,)."""
    return (one.view(np.uint32) == other.view(np.uint32)).all(axis=-1)  # type: ignore[no-any-return]


def _logit_drift(host: Floats, drift: Floats, parity: Mapping[str, float]) -> Criterion:
    spread = max(float(host.std(axis=0).mean()), 1e-6)
    bound = min(LOGIT_DRIFT, parity.get(LOGIT_DRIFT_NAME, LOGIT_DRIFT))
    return Criterion("logits, mean |Δ| over their spread", float(drift.mean()) / spread, bound, False, len(host))


def _cosines(one: Floats, other: Floats) -> Floats:
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return (one * other).sum(axis=-1) / np.maximum(lengths, np.float32(1e-12))  # type: ignore[no-any-return]
