"""An encoder of the BERT family as plain weights: what `lift` finds in a graph, and `lean` writes one from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Linear:
    """``x @ weight + bias``: float32 (inputs, outputs) and (outputs,)."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True, eq=False)
class Norm:
    """A layer normalization: float32 (dimension,) each.

    ``restored`` is what its output is multiplied by where it is added to what a layer makes of it; None is 1.
    """

    weight: Floats
    bias: Floats
    epsilon: float
    restored: Floats | None = None


@dataclass(frozen=True, eq=False)
class Layer:
    """Attention and feed-forward, each added to what it read, and then normalized.

    ``heads`` is how many heads the attention has; ``activation`` is the operator between the
    feed-forward's two products, ``Gelu`` or ``Relu``.
    """

    heads: int
    query: Linear
    key: Linear
    value: Linear
    attended: Linear
    attention_norm: Norm
    activation: str
    intermediate: Linear
    output: Linear
    output_norm: Norm


@dataclass(frozen=True, eq=False)
class Embeddings:
    """The tables that a token's first vector is the sum of: float32 (entries, dimension) each.

    ``types`` is None where the graph has no ``token_type_ids``: the one row that it would use is in
    ``positions``. With ``padding_id``, positions count the tokens that are not that id, from
    ``padding_id + 1`` on, as RoBERTa's do; without it, from 0, every token.
    """

    words: Floats
    positions: Floats
    types: Floats | None
    norm: Norm
    padding_id: int | None


@dataclass(frozen=True, eq=False)
class Encoder:
    """Embeddings, then layers, one after the other."""

    embeddings: Embeddings
    layers: tuple[Layer, ...]
