"""Quantizes matrices to INT8 so that their products saturate on no processor.

x86 before VNNI multiplies uint8 activations by int8 weights with an instruction (``vpmaddubsw``) that adds two
neighbouring products in 16 bits and saturates. Neighbours are rows 2i and 2i + 1 of a column. With activations of up
to 255, the sum fits if the two weights add up to at most 128 in magnitude: 255 · 128 = 32,640. A larger sum is clipped
without an error. Matrices within this bound give the same integer sums on every processor and in every loader.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from linnet.arrays import Floats
from onnx import NodeProto, TensorProto

from linnet_export.onnx_graph.external import read_tensor

PAIR = 128
"""The greatest magnitude of the sum of two neighbouring weights."""

_LEVELS = 127  # positive levels of an int8 that is symmetric around 0
_SMALLEST = np.float32(1e-12)  # replaces the scale of weights that are all zero
_LOOKUPS = ("Gather", "GatherBlockQuantized")  # their tables are not multiplied in 8 bits


def exact_everywhere(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Returns the matrix in int8, and one scale per column: the smallest for which no pair exceeds `PAIR`.

    Scales are 1.2 to 1.3 times those of ``max|w| / 127`` (all-MiniLM-L6-v2). Scales that are smaller by 0.4 %, with
    one weight of each pair beyond the bound rounded the other way, reduce the squared error by 0.4 %, which changes
    no label; scales of 7 bits more than double the squared error.

    Args:
        weights: float32 (K, N).

    Returns:
        int8 (K, N), and float32 (N,).
    """
    greatest = np.abs(weights).max(axis=0) / np.float32(_LEVELS)
    pairs = np.abs(_sums(weights)).max(axis=0, initial=0) / np.float32(PAIR)
    scale = np.maximum(np.maximum(greatest, pairs), _SMALLEST)
    values = np.rint(weights / scale).astype(np.int8)
    while (over := saturates(values)).any():  # a sum of exactly 128 whose two weights were both rounded up
        scale[over] = np.nextafter(scale[over], np.float32(np.inf))
        values[:, over] = np.rint(weights[:, over] / scale[over]).astype(np.int8)
    return values, scale


def saturates(values: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Returns, for each column of an int8 matrix (K, N), whether a pair of neighbours exceeds `PAIR`: bool (N,)."""
    exceeds: npt.NDArray[np.bool_] = (np.abs(_sums(values.astype(np.int16))) > PAIR).any(axis=0)
    return exceeds


def exact_matrices(graph: Path) -> list[bool]:
    """Returns, for each int8 matrix that a graph multiplies by, whether its sums are exact on every processor."""
    return [not saturates(values).any() for values in _matrices(graph)]


def _matrices(graph: Path) -> Iterator[npt.NDArray[Any]]:
    model = onnx.load(graph, load_external_data=False).graph
    multiplied = {name for node in model.node for name in _multiplied(node)}
    for tensor in model.initializer:
        if tensor.name in multiplied and tensor.data_type == TensorProto.INT8 and len(tensor.dims) > 1:
            values = read_tensor(tensor, graph.parent)
            yield values.reshape(-1, values.shape[-1])


def _multiplied(node: NodeProto) -> list[str]:
    return [] if node.op_type in _LOOKUPS else list(node.input)


def _sums(weights: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Returns the sum of each pair of neighbouring rows, (K // 2, N); a last row without a neighbour is left out.

    Two weights of different signs cannot exceed the bound: their sum is smaller than the larger of them.
    """
    even = weights[: len(weights) // 2 * 2]
    sums: npt.NDArray[Any] = even[::2] + even[1::2]
    return sums
