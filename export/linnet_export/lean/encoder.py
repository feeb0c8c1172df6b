"""An encoder of the BERT family as plain weights: `lift` reads them from a graph, `graph` writes a graph from them."""

from dataclasses import dataclass

from linnet.arrays import Floats


@dataclass(frozen=True, eq=False)
class Linear:
    """``x @ weight + bias``: float32 (inputs, outputs) and (outputs,)."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True, eq=False)
class Norm:
    """A layer normalization."""

    weight: Floats
    """float32 (dimension,)."""
    bias: Floats
    """float32 (dimension,)."""
    epsilon: float
    """The value added to the variance."""
    restored: Floats | None = None
    """The factor for the output on the residual path, float32 (dimension,); None stands for 1."""


@dataclass(frozen=True, eq=False)
class Layer:
    """Attention and feed-forward, each with a residual connection and a normalization after it."""

    heads: int
    """The number of attention heads."""
    query: Linear
    """The query projection."""
    key: Linear
    """The key projection."""
    value: Linear
    """The value projection."""
    attended: Linear
    """The output projection of the attention."""
    attention_norm: Norm
    """The normalization after the attention."""
    activation: str
    """The operator between the feed-forward's two products, ``Gelu`` or ``Relu``."""
    intermediate: Linear
    """The first product of the feed-forward."""
    output: Linear
    """The second product of the feed-forward."""
    output_norm: Norm
    """The normalization after the feed-forward."""


@dataclass(frozen=True, eq=False)
class Embeddings:
    """The embedding tables, float32 (entries, dimension) each; a token's first vector is the sum of their rows."""

    words: Floats
    """One row per id."""
    positions: Floats
    """One row per position."""
    types: Floats | None
    """One row per token type; None if the graph has no ``token_type_ids``: ``positions`` then include type 0."""
    norm: Norm
    """The normalization of the sum."""
    padding_id: int | None
    """If set, positions count the tokens that are not this id, from ``padding_id + 1``; else all tokens, from 0."""


@dataclass(frozen=True, eq=False)
class Encoder:
    """An encoder: embeddings, then layers in sequence."""

    embeddings: Embeddings
    layers: tuple[Layer, ...]
