"""Parity of an embedder: compares the directions of its vectors with the original's, per text and per token."""

from collections.abc import Sequence

import numpy as np
from linnet import Embedder
from linnet.arrays import Floats
from linnet.inference.session import Session

from linnet_export.errors import CheckpointError
from linnet_export.parity.comparison import Comparison, chunks, graph_outputs
from linnet_export.parity.criteria import COSINE_LEAST, COSINE_MEAN, Criterion, cosine_name, equal
from linnet_export.parity.reference import OriginalEncoding, Reference, pooled


def compare(reference: Reference, fp32: Session, bundle: Embedder, texts: Sequence[str]) -> Comparison:
    """Compares the original, the fp32 graph and the bundle on the texts.

    Raises:
        CheckpointError: the vectors of the bundle and the checkpoint have different dimensions.
    """
    same_ids, fp32_drift, by_text, by_token = [], 0.0, [], []
    for chunk in chunks(texts):
        encodings = reference.encode(chunk)
        same = equal(reference.bundle_ids(encodings), [found.ids for found in bundle.encode(chunk)])
        original = reference.outputs(encodings)
        _check_dimension(original, bundle)
        graph = graph_outputs(fp32, encodings, reference)
        fp32_drift = float(np.max([fp32_drift, *map(relative_drift, original, graph)]))  # np.max propagates NaN
        by_text.append(_text_cosines(reference, original, bundle(chunk)))
        by_token += [
            _token_cosines(hidden, encoding, tokens.vectors)
            for hidden, encoding, tokens, comparable in zip(
                original, encodings, bundle.tokens(chunk), same, strict=True
            )
            if comparable
        ]
        same_ids += same
    of_text, of_token = np.concatenate([_NONE, *by_text]), np.concatenate([_NONE, *by_token])
    return Comparison(
        same_ids=same_ids,
        fp32_drift_name="fp32 graph, max |Δ| of the hidden states over the greatest",
        fp32_drift=fp32_drift,
        drift_name="1 − cosine of a text's vector",
        drift=1 - of_text,
        mean_drift=float((1 - of_text).mean()) if of_text.size else 0.0,
        original=[""] * len(texts),
        bundle=[f"cosine {cosine:.4f}" for cosine in of_text],
        criteria=[*_criteria("text", of_text), *_criteria("token", of_token)],
    )


def cosines(expected: Floats, found: Floats) -> Floats:
    """Returns the cosine of each pair of rows: float32 (n,); two zero vectors have the cosine 1."""
    lengths = np.linalg.norm(expected, axis=-1) * np.linalg.norm(found, axis=-1)
    products = (expected * found).sum(axis=-1)
    both_zero = ~expected.any(axis=-1) & ~found.any(axis=-1)
    return np.where(both_zero, np.float32(1), products / np.maximum(lengths, np.float32(1e-12)))  # type: ignore[no-any-return]


_NONE: Floats = np.empty(0, dtype=np.float32)


def _check_dimension(original: Sequence[Floats], bundle: Embedder) -> None:
    if original[0].shape[-1] != bundle.dimension:
        raise CheckpointError(
            f"expected the bundle's checkpoint, with {bundle.dimension} dimensions, "
            f"found one with {original[0].shape[-1]}: name the checkpoint that the bundle was converted from"
        )


def relative_drift(original: Floats, graph: Floats) -> float:
    """Returns the greatest difference between hidden states, over the greatest of the original's, or 1."""
    return float(np.abs(original - graph).max() / max(1.0, np.abs(original).max()))


def _text_cosines(reference: Reference, original: Sequence[Floats], found: Floats) -> Floats:
    settings = reference.settings
    assert settings.embedding  # every embedder has these
    expected = np.stack(
        [pooled(hidden, settings.embedding.pooling, normalize=settings.embedding.normalize) for hidden in original]
    )
    return cosines(expected, found)


def _token_cosines(hidden: Floats, encoding: OriginalEncoding, found: Floats) -> Floats:
    return cosines(hidden[~np.array(encoding.special, dtype=bool)], found)


def _criteria(of: str, found: Floats) -> list[Criterion]:
    mean, least = (float(found.mean()), float(found.min())) if found.size else (1.0, 1.0)
    return [
        Criterion(cosine_name(of, "mean"), mean, COSINE_MEAN, at_least=True, n=found.size),
        Criterion(cosine_name(of, "least"), least, COSINE_LEAST, at_least=True, n=found.size),
    ]
