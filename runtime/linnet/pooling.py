"""Token vectors → the vector of their text, as sentence-transformers pools and normalises them.

Every token takes part, special tokens included, so that an empty text has a vector too. Texts are pooled one at
a time, so that numpy adds up in the same order whatever else is in the batch.
"""

from collections.abc import Callable

import numpy as np

from linnet.postprocessing import Floats

Pool = Callable[[Floats], Floats]
"""The vectors of a text's tokens, float32 (tokens, dimension), at least one → float32 (dimension,)."""

_LEAST_LENGTH = np.float32(1e-12)


def mean(vectors: Floats) -> Floats:
    """The mean of all tokens."""
    pooled: Floats = vectors.sum(axis=0) / np.float32(len(vectors))
    return pooled


def first(vectors: Floats) -> Floats:
    """The first token's vector, that of ``[CLS]`` or ``<s>``; a copy, so that it does not keep the batch in memory."""
    pooled: Floats = vectors[0].copy()
    return pooled


def greatest(vectors: Floats) -> Floats:
    """The greatest value, each dimension by itself."""
    pooled: Floats = vectors.max(axis=0)
    return pooled


POOLINGS: dict[str, Pool] = {"mean": mean, "cls": first, "max": greatest}
"""By the name that a bundle's ``linnet.json`` gives."""


def normalized(vector: Floats) -> Floats:
    """A vector over its Euclidean length, as ``torch.nn.functional.normalize``: a vector of zeros stays as it is."""
    scaled: Floats = vector / np.maximum(np.sqrt(np.square(vector).sum()), _LEAST_LENGTH)
    return scaled
