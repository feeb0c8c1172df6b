"""Reads and writes graphs whose weights are in a separate file."""

from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import ExternalDataInfo, uses_external_data

_EXTERNAL_FROM = 1024  # bytes: smaller tensors stay in the graph
_LARGE = 65536  # bytes: tensors from this size on start on a new page
_PAGE, _LINE = 4096, 64  # bytes: the alignment of large and of small tensors


@dataclass(frozen=True, eq=False)
class Int4:
    """A matrix of int4, two per byte: ``packed`` is uint8 (rows, columns / 2), the lower half first.

    A slice of rows is unpacked: ``matrix[2:5]`` is int8 (3, columns).
    """

    packed: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, values: npt.NDArray[np.int8]) -> "Int4":
        """Packs a matrix of values from -8 to 7; the number of columns must be even."""
        low, high = values[:, ::2] & 15, values[:, 1::2] & 15
        return cls((low | high << 4).astype(np.uint8))

    def __getitem__(self, rows: slice) -> npt.NDArray[np.int8]:
        packed = self.packed[rows]
        halves = np.stack([packed << 4, packed & 0xF0], axis=-1).astype(np.int8) >> 4
        return halves.reshape(len(packed), -1)

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and columns."""
        return self.packed.shape[0], 2 * self.packed.shape[1]


def save_with_external_data(model: onnx.ModelProto, file: Path, weights: str) -> None:
    """Writes a graph, and its larger tensors to the separate file ``weights`` in the same folder."""
    onnx.save_model(
        model,
        file,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=weights,
        size_threshold=_EXTERNAL_FROM,
    )


def read_tensor(tensor: TensorProto, folder: Path) -> npt.NDArray[np.generic]:
    """Returns a tensor's values; external data, in ``folder``, is memory-mapped, not read."""
    if not uses_external_data(tensor):
        return numpy_helper.to_array(tensor)
    dtype = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    return _mapped(tensor, folder, dtype, tuple(tensor.dims))


def read_int4(tensor: TensorProto, folder: Path) -> Int4:
    """Returns a matrix of int4; external data, in ``folder``, is memory-mapped, not read."""
    rows, columns = tensor.dims
    if not uses_external_data(tensor):
        return Int4(np.frombuffer(tensor.raw_data, np.uint8).reshape(rows, columns // 2))
    return Int4(_mapped(tensor, folder, np.uint8, (rows, columns // 2)))


class SharedWeights:
    """The tensors of a graph, for a second graph in the same folder that refers to the same values."""

    def __init__(self, graph: Path) -> None:
        self._graph = graph
        tensors = onnx.load(graph, load_external_data=False).graph.initializer
        self._tensors: dict[str, TensorProto] = {tensor.name: tensor for tensor in tensors}

    def tensor(self, name: str, values: npt.NDArray[np.generic] | Int4) -> TensorProto:
        """Returns the graph's tensor of this name.

        Raises:
            ValueError: the graph has no such tensor, or one with other values.
        """
        found = self._tensors.get(name)
        if found is None or not self._holds(found, values):
            raise ValueError(f"expected {self._graph.name} to hold {name} with the same values")
        return found

    def _holds(self, tensor: TensorProto, values: npt.NDArray[np.generic] | Int4) -> bool:
        if isinstance(values, Int4):
            is_int4 = tensor.data_type == TensorProto.INT4 and tuple(tensor.dims) == values.shape
            return is_int4 and np.array_equal(read_int4(tensor, self._graph.parent).packed, values.packed)
        if tensor.data_type != helper.np_dtype_to_tensor_dtype(values.dtype):
            return False
        return np.array_equal(read_tensor(tensor, self._graph.parent), values)


def _mapped(tensor: TensorProto, folder: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> np.memmap[Any, Any]:
    where = ExternalDataInfo(tensor)
    return np.memmap(folder / where.location, dtype, "r", where.offset or 0, shape)


class WeightsFile:
    """A file of consecutive tensors, which a graph in the same folder refers to."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.write_bytes(b"")

    def tensor(self, name: str, values: npt.NDArray[np.generic] | Int4) -> TensorProto:
        """Returns the tensor as the graph stores it: a small one inline, a large one as a reference into the file.

        Values that `read_tensor` mapped from a file in the same folder are not copied: the tensor refers to that file.
        """
        if isinstance(values, Int4):
            tensor = TensorProto(name=name, dims=values.shape, data_type=TensorProto.INT4)
            return self._stored(tensor, values.packed)
        dtype = helper.np_dtype_to_tensor_dtype(values.dtype)
        return self._stored(TensorProto(name=name, dims=values.shape, data_type=dtype), values)

    def _stored(self, tensor: TensorProto, values: npt.NDArray[np.generic]) -> TensorProto:
        if values.nbytes < _EXTERNAL_FROM:
            tensor.raw_data = values.tobytes()
            return tensor
        if isinstance(values, np.memmap) and isinstance(values.base, mmap) and self._beside(values):
            location, offset = Path(str(values.filename)).name, values.offset
        else:
            location, offset = self._file.name, self._append(values)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", offset), ("length", values.nbytes)):
            tensor.external_data.add(key=key, value=str(value))
        return tensor

    def _append(self, values: npt.NDArray[np.generic]) -> int:
        """Appends the values; returns their offset."""
        with self._file.open("ab") as weights:
            weights.write(bytes(-weights.tell() % (_PAGE if values.nbytes >= _LARGE else _LINE)))
            offset = weights.tell()
            np.ascontiguousarray(values).tofile(weights)
        return offset

    def _beside(self, values: np.memmap[Any, Any]) -> bool:
        return Path(str(values.filename)).parent == self._file.parent.resolve()
