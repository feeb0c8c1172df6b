"""Encoder → the same function with fewer biases to add."""

from dataclasses import replace

import numpy as np
from linnet.arrays import Floats

from linnet_export.lean.encoder import Encoder, Layer, Linear, Norm


def fold_biases(encoder: Encoder) -> Encoder:
    """Returns the encoder with biases merged into biases that stay; a bias that becomes zero is not added at run time.

    The key's bias adds the same constant to all scores of a query, and softmax ignores it. Attention weights
    add up to 1, so the value's bias moves into the output projection. The bias of the feed-forward's output
    moves into the normalization before it; the feed-forward's first bias subtracts it again. Attention's
    output bias stays: moved the same way, it passes through W_V · W_O, grows large, and makes INT8 worse.
    """
    return replace(encoder, layers=tuple(_folded(layer) for layer in encoder.layers))


def _folded(layer: Layer) -> Layer:
    shift = layer.output.bias
    return replace(
        layer,
        key=_without_bias(layer.key),
        value=_without_bias(layer.value),
        attended=replace(layer.attended, bias=layer.attended.bias + _applied(layer.value.bias, layer.attended)),
        attention_norm=_shifted(layer.attention_norm, shift),
        intermediate=replace(layer.intermediate, bias=layer.intermediate.bias - _applied(shift, layer.intermediate)),
        output=_without_bias(layer.output),
    )


def _shifted(norm: Norm, shift: Floats) -> Norm:
    return replace(norm, bias=norm.bias + shift)


def _applied(values: Floats, linear: Linear) -> Floats:
    """Returns ``values @ linear.weight``, rounded once."""
    product: Floats = (values.astype(np.float64) @ linear.weight).astype(np.float32)
    return product


def _without_bias(linear: Linear) -> Linear:
    return replace(linear, bias=np.zeros_like(linear.bias))
