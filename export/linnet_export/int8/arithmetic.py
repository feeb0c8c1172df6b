"""INT8 arithmetic with one scale for each token.

For each row of activations, ``s = max|x| / 127`` and ``q = round(x / s) + 128``. Weights are symmetric, with one
scale per column, which `matrices` chooses. The product is ``s · (q - 128)·W_q · s_W``. A token's activations
then do not depend on its neighbours or its batch, and another token's outliers cost it no precision.

`MatMulIntegerToFloat` gets the scale 1; a `Mul` after it applies the row scales. onnxruntime treats the scale of
activations as a scalar there, and silently does so when it fuses `MatMulInteger` with a `Mul`.
"""

import numpy as np
from linnet.arrays import Floats
from onnx import TensorProto, numpy_helper

from linnet_export.int8.matrices import exact_everywhere
from linnet_export.int8.tables import BLOCK, in_4_bits, in_8_bits, rest_of_4_bits
from linnet_export.lean.arithmetic import ANY, Range, Rows
from linnet_export.onnx_graph.builder import MICROSOFT, GraphBuilder

QUANTIZED, SCALE = "_quantized", "_scale"
"""The suffixes that turn a weight's name into the names of its INT8 tensor and its scales."""

_LEVELS = 127  # positive levels of values symmetric around 0


class PerToken:
    """The INT8 arithmetic that this module describes.

    `QuantizeLinear` with a whole row as its block saves 2 to 4 % of a run, compared with `Mul` and `QuantizeLinear`
    with a scale of 1. A row of zeros gets the scale 0, so its products are zero.
    """

    def __init__(self, graph: GraphBuilder, *, embedding_bits: int = 8, frequent: int | None = None) -> None:
        self._graph = graph
        self._embedding_bits, self._frequent = embedding_bits, frequent
        self._zero_points: dict[tuple[str, int], str] = {}

    def rows(self, values: str, width: int, *, shape: str | None = None, within: Range = ANY) -> Rows:
        """Quantizes activations; returns the names of uint8 (…, width) and of float32 scales (…, 1)."""
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
        """Returns the name of a tensor of the given shape, filled with the zero point."""
        key = shape, zero_point
        if key not in self._zero_points:
            value = numpy_helper.from_array(np.array([zero_point], dtype=np.uint8))
            self._zero_points[key] = self._graph.node("ConstantOfShape", shape, value=value)
        return self._zero_points[key]

    def product(self, rows: Rows, name: str, weight: Floats, *, output: str | None = None) -> str:
        """Adds ``MatMulIntegerToFloat`` and a multiplication by the rows' scales."""
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
        """Looks up rows of a table in 8 bits, with one scale per row, or in 4 bits, with several scales per row."""
        if self._embedding_bits == 4:
            return self._lookup_in_4_bits(name, table, ids, output)
        graph = self._graph
        values, scale = in_8_bits(table)
        found = graph.node("Gather", graph.weight(name + QUANTIZED, values), ids)
        scales = graph.node("Gather", graph.weight(name + SCALE, scale), ids)
        return graph.node("Mul", graph.node("Cast", found, to=TensorProto.FLOAT), scales, output=output)

    def _lookup_in_4_bits(self, name: str, table: Floats, ids: str, output: str | None) -> str:
        """Looks up rows in 4 bits, and adds the stored 4-bit error of the frequent rows.

        The errors are a second table; its last row is 0 and serves all other ids.
        """
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
