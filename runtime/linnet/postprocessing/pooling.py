"""Token vectors → the text's vector, pooled and normalised as in sentence-transformers.

All tokens take part, special tokens included, so an empty text has a vector too. Texts are pooled one at a time,
so that numpy adds up in the same order whatever else is in the batch.
"""

from collections.abc import Callable

import numpy as np

from ..arrays import Floats

Pool = Callable[[Floats], Floats]
"""A function: the vectors of a text's tokens, float32 (tokens, dimension), at least one → float32 (dimension,)."""

_LEAST_LENGTH = np.float32(1e-12)


def mean(vectors: Floats) -> Floats:
    """Returns the mean of all tokens' vectors."""
    pooled: Floats = vectors.sum(axis=0) / np.float32(len(vectors))
    return pooled


def first(vectors: Floats) -> Floats:
    """Returns a copy of the first token's vector (``[CLS]`` or ``<s>``); a view would keep the batch in memory."""
    pooled: Floats = vectors[0].copy()
    return pooled


def greatest(vectors: Floats) -> Floats:
    """Returns the greatest value in each dimension."""
    pooled: Floats = vectors.max(axis=0)
    return pooled


POOLINGS: dict[str, Pool] = {"mean": mean, "cls": first, "max": greatest}
"""The pooling functions by their names in ``linnet.json``."""


def normalized(vector: Floats) -> Floats:
    """Returns a vector scaled to Euclidean length 1, like ``torch.nn.functional.normalize``; zeros stay zeros."""
    scaled: Floats = vector / np.maximum(np.sqrt(np.square(vector).sum()), _LEAST_LENGTH)
    return scaled
