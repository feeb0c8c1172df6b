"""Whether an INT8 graph holds the weights of the fp32 graph that it was made from, each to within a quantization step.

Labels alone do not tell: a layer's weights can be a quarter too large and 99 % of the labels still agree.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, numpy_helper

_QUANTIZED, _SCALE, _ZERO_POINT = "_quantized", "_scale", "_zero_point"  # onnxruntime's names
_ROUNDING = 1e-6
_SAMPLE = 64


@dataclass(frozen=True, eq=False)
class StoredWeights:
    """A tensor of a graph: ``values`` in fp32, and the ``step`` between two values that it can store, both of one shape."""

    values: npt.NDArray[np.float32]
    step: npt.NDArray[np.float32]

    def holds(self, weights: npt.NDArray[np.float32]) -> bool:
        """Whether these are the weights given, of the same shape, to within a step."""
        sparse = (slice(None, None, max(1, len(weights) // _SAMPLE)),)  # most tensors that differ do so there
        return all(
            bool(
                (np.abs(weights[part] - self.values[part]) <= self.step[part] + _ROUNDING * np.abs(weights[part])).all()
            )
            for part in (sparse, ())
        )

    @property
    def transposed(self) -> "StoredWeights":
        """The same matrix the other way round, as a ``Gemm`` has it before it becomes a ``MatMul``."""
        return StoredWeights(self.values.T, self.step.T)


def weights_kept(fp32: Path, int8: Path) -> list[bool]:
    """For each float tensor of the fp32 graph, whether the INT8 graph holds it."""
    stored: dict[tuple[int, ...], list[StoredWeights]] = defaultdict(list)
    for tensor in _stored(onnx.load(int8).graph.initializer):
        for way in (tensor, tensor.transposed) if tensor.values.ndim == 2 else (tensor,):
            stored[way.values.shape].append(way)
    return [
        any(candidate.holds(weights) for candidate in stored[weights.shape])
        for weights in map(numpy_helper.to_array, onnx.load(fp32).graph.initializer)
        if weights.dtype == np.float32 and weights.size > 1
    ]


def _stored(initializers: Sequence[TensorProto]) -> Iterator[StoredWeights]:
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in initializers}
    for name, values in tensors.items():
        if name.endswith(_QUANTIZED):
            of = name.removesuffix(_QUANTIZED)
            step = tensors[of + _SCALE].astype(np.float32)
            zero_point = tensors[of + _ZERO_POINT].astype(np.float32)
            exact = (values.astype(np.float32) - zero_point) * step
            yield StoredWeights(exact, np.broadcast_to(step, exact.shape))
        elif values.dtype == np.float32:
            yield StoredWeights(values, np.zeros_like(values))
