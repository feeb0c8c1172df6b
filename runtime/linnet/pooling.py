"""Token vectors → one vector a text, as sentence-transformers pools and normalises them.

Every token that is no padding takes part, special tokens included, so that an empty text has a vector too.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from linnet.postprocessing import Floats

Mask = npt.NDArray[np.int64]
Pool = Callable[[Floats, Mask], Floats]
"""Token vectors, float32 (batch, seq, dimension), and their mask, int64 (batch, seq) → float32 (batch, dimension)."""

_LEAST_COUNT = np.float32(1e-9)
_LEAST_LENGTH = np.float32(1e-12)


def mean(vectors: Floats, attention_mask: Mask) -> Floats:
    """The mean over the mask: its sum over ``max(tokens, 1e-9)``."""
    weights = attention_mask.astype(np.float32)[..., np.newaxis]
    pooled: Floats = (vectors * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), _LEAST_COUNT)
    return pooled


def first(vectors: Floats, attention_mask: Mask) -> Floats:
    """The first token's vector: that of ``[CLS]`` or ``<s>``, since padding is on the right."""
    return vectors[:, 0]


def greatest(vectors: Floats, attention_mask: Mask) -> Floats:
    """The greatest value over the mask, each dimension by itself."""
    pooled: Floats = np.where(attention_mask[..., np.newaxis] > 0, vectors, np.float32(-np.inf)).max(axis=1)
    return pooled


POOLINGS: dict[str, Pool] = {"mean": mean, "cls": first, "max": greatest}
"""By the name that a bundle's ``linnet.json`` gives."""


def normalized(vectors: Floats) -> Floats:
    """Each row over its Euclidean length, as ``torch.nn.functional.normalize``: a row of nothing stays as it is."""
    lengths = np.sqrt(np.square(vectors).sum(axis=-1, keepdims=True))
    rows: Floats = vectors / np.maximum(lengths, _LEAST_LENGTH)
    return rows
