"""Checks that an INT8 graph holds the weights of its fp32 graph, each to within a quantization step.

Labels do not prove it: with one layer's weights a quarter too large, 99 % of the labels still agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto

from linnet_export.int8.arithmetic import QUANTIZED, SCALE
from linnet_export.onnx_graph.external import Int4, read_int4, read_tensor

_ZERO_POINT = "_zero_point"  # onnxruntime's suffix, like `QUANTIZED` and `SCALE`
_ROUNDING = 1e-5  # equalization depends on activations, whose last bits differ between processors
_ROWS = 4096  # compared at a time, so that an embedding of a quarter million rows is not unpacked whole


@dataclass(frozen=True, eq=False)
class StoredWeights:
    """A tensor as a graph stores it. It stands for ``(values - zero_point) * step``; in fp32, ``step`` is 0.

    If ``step`` is 0, the tensor is ``values`` itself. ``zero_point`` and ``step`` have one number for the whole
    tensor, one per column, one per row as (rows, 1), or one per block of each row as (rows, blocks).
    """

    values: npt.NDArray[Any] | Int4
    zero_point: npt.NDArray[np.float32]
    step: npt.NDArray[np.float32]

    def holds(self, weights: npt.NDArray[np.float32]) -> bool:
        """Returns whether these are the given weights, to within a step."""
        if weights.shape != self.values.shape:
            return False
        blocks = (slice(start, start + _ROWS) for start in range(0, len(weights), _ROWS))
        sample = slice(None, None, max(1, len(weights) // 64))  # most tensors that differ already differ here
        return all(self._holds_rows(weights, rows) for rows in (sample, *blocks))

    def _holds_rows(self, weights: npt.NDArray[np.float32], rows: slice) -> bool:
        expected, exact = weights[rows], self.values[rows].astype(np.float32)
        step = self._step(rows)
        if step.any():
            exact = (exact - self.zero_point) * step
        return bool((np.abs(expected - exact) <= np.abs(step) + _ROUNDING * np.abs(expected)).all())

    def _step(self, rows: slice) -> npt.NDArray[np.float32]:
        if self.step.ndim < 2:
            return self.step
        step = self.step[rows].astype(np.float32)
        blocks = step.shape[1]
        return step if blocks == 1 else np.repeat(step, self.values.shape[1] // blocks, axis=1)


def weights_kept(fp32: Path, int8: Path) -> list[bool]:
    """Returns, for each float tensor of the fp32 graph, whether the INT8 graph holds it.

    The matrix of a ``Gemm`` may be transposed, because the ``Gemm`` becomes a ``MatMul``.
    """
    stored = list(_stored(dict(_tensors(int8))))
    return [
        any(candidate.holds(weights) or candidate.holds(weights.T) for candidate in stored)
        for _, weights in _tensors(fp32)
        if not isinstance(weights, Int4) and weights.dtype == np.float32 and weights.size > 1
    ]


def _tensors(graph: Path) -> Iterator[tuple[str, npt.NDArray[Any] | Int4]]:
    """Yields the initializers of a graph, one at a time."""
    for tensor in onnx.load(graph, load_external_data=False).graph.initializer:
        read = read_int4 if tensor.data_type == TensorProto.INT4 else read_tensor
        yield tensor.name, read(tensor, graph.parent)


def _stored(tensors: dict[str, Any]) -> Iterator[StoredWeights]:
    zero = np.zeros((), dtype=np.float32)
    for name, values in tensors.items():
        if name.endswith(QUANTIZED):
            of = name.removesuffix(QUANTIZED)
            zero_point = tensors.get(of + _ZERO_POINT, zero).astype(np.float32)  # none: symmetric
            yield StoredWeights(values, zero_point, tensors[of + SCALE])
        elif values.dtype == np.float32 and values.ndim:
            yield StoredWeights(values, zero, zero)
