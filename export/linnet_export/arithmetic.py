"""How a graph multiplies by its weights: exactly, or in INT8 with a scale for every token.

Per row of activations ``s = max|x| / 127`` and ``q = round(x / s) + 128``; weights are symmetric with one
scale a column, which `saturation` chooses; the product is ``s · (q - 128)·W_q · s_W``. A token's activations then do not depend on
its neighbours or its batch, and none of its precision is spent on another token's outliers.

The scale of the row is multiplied in after `MatMulIntegerToFloat`, whose own scale is 1: onnxruntime takes
the scale of activations for a scalar, and its fusion of `MatMulInteger` with a `Mul` does so without a word.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from onnx import TensorProto, numpy_helper

from linnet_export.encoder import Floats
from linnet_export.graph_builder import MICROSOFT, GraphBuilder
from linnet_export.saturation import exact_everywhere
from linnet_export.tables import BLOCK, in_4_bits, in_8_bits, rest_of_4_bits

QUANTIZED, SCALE = "_quantized", "_scale"
"""How the INT8 tensor and the scales of a weight are named after it."""

_LEVELS = 127  # of what is symmetric around 0


@dataclass(frozen=True)
class Range:
    """Which values a row has: ``zero_point`` is the uint8 that 0 becomes, ``least`` the least value, if there is one."""

    zero_point: int
    least: float | None = None


ANY = Range(zero_point=128)
GELU = Range(zero_point=24, least=-0.17)
"""GELU's least is -0.16997: almost all of the uint8 is left for what is above 0.

Mean |Δscore| of the embedded default over 2,000 tweets, before equalization: 0.0054 with `ANY`, 0.0048 to
0.0051 with anything from 12 to 48 as the zero point.
"""
RELU = Range(zero_point=0, least=0.0)


@dataclass(frozen=True)
class Rows:
    """Activations that are ready to be multiplied: names of values (…, K) and, in INT8, of scales (…, 1)."""

    values: str
    scale: str
    zero_point: int


class Arithmetic(Protocol):
    """What a graph is written with. Shapes are (…, K) for activations, (K, N) for weights."""

    def rows(self, values: str, width: int, *, shape: str | None = None, within: Range = ANY) -> Rows:
        """Makes activations ready for any number of products.

        Args:
            values: float32 (…, width).
            width: K.
            shape: the name of the shape of their scales, int64 [… 1], where the graph has it already.
            within: what is known of them.
        """

    def product(self, rows: Rows, name: str, weight: Floats, *, output: str | None = None) -> str:
        """Multiplies by the weight of the name: float32 (…, N)."""

    def lookup(self, name: str, table: Floats, ids: str, *, output: str | None = None) -> str:
        """Rows of a table: float32 (…, dimension)."""


class Exact:
    """fp32."""

    def __init__(self, graph: GraphBuilder) -> None:
        self._graph = graph

    def rows(self, values: str, width: int, *, shape: str | None = None, within: Range = ANY) -> Rows:
        """The activations as they are."""
        return Rows(values, "", 0)

    def product(self, rows: Rows, name: str, weight: Floats, *, output: str | None = None) -> str:
        """``MatMul``."""
        return self._graph.node("MatMul", rows.values, self._graph.weight(name, weight), output=output)

    def lookup(self, name: str, table: Floats, ids: str, *, output: str | None = None) -> str:
        """``Gather``."""
        return self._graph.node("Gather", self._graph.weight(name, table), ids, output=output)


class PerToken:
    """INT8, as this module says.

    `QuantizeLinear` in blocks of a whole row saves 2 to 4 % of a run against `Mul` and `QuantizeLinear`
    with a scale of 1. A row that is all zero gets the scale 0, and so comes out as zero.
    """

    def __init__(self, graph: GraphBuilder, *, embedding_bits: int = 8, frequent: int | None = None) -> None:
        self._graph = graph
        self._embedding_bits, self._frequent = embedding_bits, frequent
        self._zero_points: dict[tuple[str, int], str] = {}

    def rows(self, values: str, width: int, *, shape: str | None = None, within: Range = ANY) -> Rows:
        """uint8 (…, width) and float32 scales (…, 1)."""
        graph = self._graph
        magnitude = graph.node("Abs", values) if within.least is None else values
        greatest = graph.node("ReduceMax", magnitude, graph.constant([-1], np.int64), keepdims=1)
        levels = _LEVELS if within.least is None else 255 - within.zero_point
        scale = graph.node("Mul", greatest, graph.constant(1 / levels))
        if within.least:
            scale = graph.node("Max", scale, graph.constant(-within.least / within.zero_point))
        zero_points = self._full(shape or graph.node("Shape", scale), within.zero_point)
        quantized = graph.node("QuantizeLinear", values, scale, zero_points, axis=-1, block_size=width)
        return Rows(quantized, scale, within.zero_point)

    def _full(self, shape: str, zero_point: int) -> str:
        """The zero point in every place of a shape."""
        key = shape, zero_point
        if key not in self._zero_points:
            value = numpy_helper.from_array(np.array([zero_point], dtype=np.uint8))
            self._zero_points[key] = self._graph.node("ConstantOfShape", shape, value=value)
        return self._zero_points[key]

    def product(self, rows: Rows, name: str, weight: Floats, *, output: str | None = None) -> str:
        """``MatMulIntegerToFloat``, and the rows' scales."""
        graph = self._graph
        values, scale = exact_everywhere(weight)
        unscaled = graph.node(
            "MatMulIntegerToFloat",
            rows.values,
            graph.weight(name + QUANTIZED, values),
            graph.constant(1),
            graph.weight(name + SCALE, scale),
            graph.constant(rows.zero_point, np.uint8),
            domain=MICROSOFT,
        )
        return graph.node("Mul", unscaled, rows.scale, output=output)

    def lookup(self, name: str, table: Floats, ids: str, *, output: str | None = None) -> str:
        """Rows of a table in 8 bits, each with its scale, or in 4 bits with several."""
        if self._embedding_bits == 4:
            return self._lookup_in_4_bits(name, table, ids, output)
        graph = self._graph
        values, scale = in_8_bits(table)
        found = graph.node("Gather", graph.weight(name + QUANTIZED, values), ids)
        scales = graph.node("Gather", graph.weight(name + SCALE, scale), ids)
        return graph.node("Mul", graph.node("Cast", found, to=TensorProto.FLOAT), scales, output=output)

    def _lookup_in_4_bits(self, name: str, table: Floats, ids: str, output: str | None) -> str:
        """What 4 bits leave of the first rows has a table of its own, whose last row is 0 and stands for all others."""
        graph = self._graph
        rest = rest_of_4_bits(table, self._frequent)
        frequent = graph.node("Min", ids, graph.constant(len(rest) - 1, np.int64))
        return graph.node(
            "Add",
            self._blocks(name, table, ids),
            self._blocks(f"{name}.rest", rest, frequent),
            output=output,
        )

    def _blocks(self, name: str, table: Floats, ids: str) -> str:
        graph = self._graph
        values, scale = in_4_bits(table)
        found = graph.node(
            "GatherBlockQuantized",
            graph.weight(name + QUANTIZED, values),
            ids,
            graph.weight(name + SCALE, scale),
            domain=MICROSOFT,
            gather_axis=0,
            quantize_axis=1,
            block_size=BLOCK,
        )
        return graph.node("Cast", found, to=TensorProto.FLOAT)
