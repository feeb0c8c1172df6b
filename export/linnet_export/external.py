"""Graphs whose weights stand in a file beside them."""

from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import ExternalDataInfo, uses_external_data

_EXTERNAL_FROM = 1024  # bytes: smaller tensors stay in the graph
_LARGE = 65536  # bytes: a tensor that begins a page of its own
_PAGE, _LINE = 4096, 64  # bytes: what large tensors are aligned to, and small ones


def save_with_external_data(model: onnx.ModelProto, file: Path, weights: str) -> None:
    """Writes a graph, and its larger tensors beside it."""
    onnx.save_model(
        model,
        file,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=weights,
        size_threshold=_EXTERNAL_FROM,
    )


def read_tensor(tensor: TensorProto, folder: Path) -> npt.NDArray[np.generic]:
    """A tensor's values; those that stand beside the graph, in ``folder``, are mapped and not read yet."""
    if not uses_external_data(tensor):
        return numpy_helper.to_array(tensor)
    where = ExternalDataInfo(tensor)
    dtype = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    return np.memmap(folder / where.location, dtype, "r", where.offset or 0, tuple(tensor.dims))


class WeightsFile:
    """A file of tensors, written one after the other, that a graph in the same folder refers to."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.write_bytes(b"")

    def tensor(self, name: str, values: npt.NDArray[np.generic]) -> TensorProto:
        """The tensor as a graph holds it: a small one by itself, a large one by where it stands in the file.

        What was read by `read_tensor` from a file in the same folder stays where it is.
        """
        if values.nbytes < _EXTERNAL_FROM:
            return numpy_helper.from_array(np.asarray(values), name)
        if isinstance(values, np.memmap) and isinstance(values.base, mmap) and self._beside(values):
            return _external(name, values, Path(str(values.filename)).name, values.offset)
        with self._file.open("ab") as weights:
            weights.write(bytes(-weights.tell() % (_PAGE if values.nbytes >= _LARGE else _LINE)))
            offset = weights.tell()
            np.ascontiguousarray(values).tofile(weights)
        return _external(name, values, self._file.name, offset)

    def _beside(self, values: np.memmap[Any, Any]) -> bool:
        return Path(str(values.filename)).parent == self._file.parent.resolve()


def _external(name: str, values: npt.NDArray[np.generic], location: str, offset: int) -> TensorProto:
    tensor = TensorProto(
        name=name,
        dims=values.shape,
        data_type=helper.np_dtype_to_tensor_dtype(values.dtype),
        data_location=TensorProto.EXTERNAL,
    )
    for key, value in (("location", location), ("offset", offset), ("length", values.nbytes)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor
