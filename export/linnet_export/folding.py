"""Encoder → the same function with fewer biases to add."""

from dataclasses import replace

import numpy as np

from linnet_export.encoder import Encoder, Floats, Layer, Linear, Norm


def fold_biases(encoder: Encoder) -> Encoder:
    """Takes biases into others that are added anyway; what becomes zero need not be added.

    A key's bias adds the same to all scores of a query, which softmax does not see. Attention's weights
    add up to 1, so that a value's bias is one of the output. The bias of the feed-forward's output may be
    added by the normalization before it, if the feed-forward takes it off what it reads. The same for
    attention's output would have to go through the values too: W_V · W_O makes it large, and INT8 worse.
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
    """``values @ linear.weight``, rounded once."""
    product: Floats = (values.astype(np.float64) @ linear.weight).astype(np.float32)
    return product


def _without_bias(linear: Linear) -> Linear:
    return replace(linear, bias=np.zeros_like(linear.bias))
