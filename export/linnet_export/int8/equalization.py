"""Encoder → the same function with activation channels of similar magnitude, which INT8 represents more precisely.

Channel k of a product's input is divided by a factor, and row k of the product's weights is multiplied by it.
Between attention's values and its output projection, the weights on both sides absorb the factors. A
normalization's output also feeds the residual path, which needs one multiplication to undo the factors.
The factors are those of SmoothQuant (Xiao et al. 2023, equation 4): max|x|^α / max|w|^(1-α).
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from linnet.arrays import Floats

from linnet_export.lean.encoder import Encoder, Layer, Linear, Norm

_ALPHA = 0.65
"""The exponent α.

Mean |Δscore| of the embedded default over 2,000 tweets: 0.0047 without, 0.0036 at 0.5, 0.0034 at 0.6 and 0.7, 0.0035
at 0.8.
"""

_LEAST = 1e-6  # replaces the maximum of a channel of zeros

Maxima = Mapping[str, Floats]
"""For each product of the lean graph, by name: the greatest magnitude of each input channel, (K,)."""


def equalize_values(encoder: Encoder, maxima: Maxima) -> Encoder:
    """Equalizes only between attention's values and its output projection, which costs no run time."""
    layers = [
        _equalize_context(layer, maxima[f"layer.{number}.attended"]) for number, layer in enumerate(encoder.layers)
    ]
    return replace(encoder, layers=tuple(layers))


def equalize(encoder: Encoder, maxima: Maxima) -> Encoder:
    """Equalizes as `equalize_values` does, and also the output of every normalization except the last."""
    norms, layers = [encoder.embeddings.norm], []
    for number, layer in enumerate(equalize_values(encoder, maxima).layers):
        name = f"layer.{number}"
        factors = _factors(maxima[f"{name}.key"], layer.query, layer.key, layer.value)
        inner = _factors(maxima[f"{name}.intermediate"], layer.intermediate)
        norms[-1] = _divided(norms[-1], factors)
        norms.append(layer.output_norm)
        layers.append(
            replace(
                layer,
                query=_multiplied(layer.query, factors),
                key=_multiplied(layer.key, factors),
                value=_multiplied(layer.value, factors),
                attention_norm=_divided(layer.attention_norm, inner),
                intermediate=_multiplied(layer.intermediate, inner),
            )
        )
    return Encoder(
        replace(encoder.embeddings, norm=norms[0]),
        tuple(replace(layer, output_norm=norm) for layer, norm in zip(layers, norms[1:], strict=True)),
    )


def _equalize_context(layer: Layer, greatest: Floats) -> Layer:
    factors = _factors(greatest, layer.attended)
    value = Linear(layer.value.weight / factors, layer.value.bias / factors)
    return replace(layer, value=value, attended=_multiplied(layer.attended, factors))


def _factors(greatest: Floats, *readers: Linear) -> Floats:
    """Returns one factor per channel, with a geometric mean of 1."""
    weights = np.max([np.abs(reader.weight).max(axis=1) for reader in readers], axis=0)
    logarithms = _ALPHA * np.log(np.maximum(greatest, _LEAST)) - (1 - _ALPHA) * np.log(np.maximum(weights, _LEAST))
    factors: Floats = np.exp(logarithms - logarithms.mean()).astype(np.float32)
    return factors


def _divided(norm: Norm, factors: Floats) -> Norm:
    return replace(norm, weight=norm.weight / factors, bias=norm.bias / factors, restored=factors)


def _multiplied(linear: Linear, factors: Floats) -> Linear:
    return replace(linear, weight=linear.weight * factors[:, np.newaxis])
