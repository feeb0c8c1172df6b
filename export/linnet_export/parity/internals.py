"""Parity of hidden states and attentions, the second graph of bundles that are converted with ``--internals``."""

from collections.abc import Sequence

import numpy as np
from linnet import Classifier, Embedder, Internals
from linnet.arrays import Floats
from linnet.inference.batching import batches
from linnet.inference.internals import InternalsSession

from linnet_export.parity.criteria import ATTENTION_MOVED, FP32_DRIFT, HIDDEN_COSINE_MEAN, Criterion
from linnet_export.parity.embedding import cosines, relative_drift
from linnet_export.parity.reference import OriginalInternals, Reference


def compare_internals(
    reference: Reference, fp32: InternalsSession, bundle: Classifier | Embedder, texts: Sequence[str]
) -> list[Criterion]:
    """Compares the hidden states and attentions of the original, the fp32 graph and the bundle, text by text."""
    drifts = [(0.0, 0.0)]
    cosine, moved = [np.empty(0, dtype=np.float32)], [np.empty(0, dtype=np.float32)]
    for text in texts:
        [encoding] = reference.encode([text])
        expected = reference.internals(encoding)
        [batch] = batches(reference.bundle_ids([encoding]))
        hidden, attentions = fp32.run(batch)
        drifts.append(_drifts(expected, hidden[0], attentions[0]))
        found = bundle.internals(text)
        if found.hidden_states.shape == expected.hidden_states.shape:  # other ids fail a criterion of their own
            cosine.append(cosines(expected.hidden_states, found.hidden_states).ravel())
            moved.append(_moved(expected, found).ravel())
    of_hidden, of_attentions = np.max(drifts, axis=0).tolist()  # np.max propagates NaN
    return [
        Criterion(f"{_FP32} of the hidden states over the greatest", of_hidden, FP32_DRIFT, False, len(texts)),
        Criterion(f"{_FP32} of the attentions", of_attentions, FP32_DRIFT, False, len(texts)),
        _mean(_COSINE, np.concatenate(cosine), HIDDEN_COSINE_MEAN, at_least=True),
        _mean(_MOVED, np.concatenate(moved), ATTENTION_MOVED, at_least=False),
    ]


_FP32 = "fp32 internals, max |Δ|"
_COSINE = "INT8 internals, cosine of a token's vector with the original's, mean"
_MOVED = "INT8 internals, share of a token's attention that moves, mean"


def _drifts(expected: OriginalInternals, hidden_states: Floats, attentions: Floats) -> tuple[float, float]:
    of_layers = [*map(relative_drift, expected.hidden_states, hidden_states)]
    return float(np.max(of_layers)), float(np.abs(expected.attentions - attentions).max())


def _moved(expected: OriginalInternals, found: Internals) -> Floats:
    """Returns how much of each token's attention goes to other tokens, 0 to 1: float32 (layers, heads, seq)."""
    moved: Floats = np.abs(expected.attentions - found.attentions).sum(axis=-1) / 2
    return moved


def _mean(name: str, values: Floats, bound: float, *, at_least: bool) -> Criterion:
    value = float(values.mean()) if values.size else float(at_least)
    return Criterion(name, value, bound, at_least=at_least, n=values.size)
