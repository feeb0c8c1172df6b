"""A graph in memory, with its weights mapped.

onnxruntime gets these instead of a path, so that it runs what was checked, whatever happens to the files afterwards.
"""

import math
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import BundleFormatError
from .onnx_fields import external_data, initializers, name_of, shape_of, type_of

# TensorProto.DataType: how numpy reads a value. numpy has no bfloat16 (16), uint4 (21) and int4 (22).
_NUMBERS = (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16, 21, 22)
_NAMES = ("<f4", "u1", "i1", "<u2", "<i2", "<i4", "<i8", "?", "<f2", "<f8", "<u4", "<u8", "<u2", "u1", "i1")
_DTYPES = dict(zip(_NUMBERS, _NAMES, strict=True))
_HALF_BYTES = (21, 22)
_SMALL = 1 << 16
"""Bytes below which a tensor is copied. Most of these lie between matrices that are not read again once they are packed,
and a page that is read can bring a megabyte of its neighbours into the process: 50 of a RoBERTa-base's 226 MB.
"""


class Tensor(NamedTuple):
    """A tensor whose values are in another file."""

    name: str
    onnx_type: int
    """A number of ONNX's ``TensorProto.DataType``."""
    shape: tuple[int, ...]
    location: str
    """The name of the file, beside the graph's."""
    offset: int
    """Where the values begin in the file, in bytes."""


@dataclass(frozen=True, eq=False)
class Graph:
    """An ONNX model, and the files beside it that hold its weights.

    ``name`` is the path that messages give, ``model`` the content of the ONNX file, and ``files`` the mapped
    files by their names.
    """

    name: Path
    model: bytes
    files: Mapping[str, mmap.mmap]

    def tensors(self) -> Iterator[tuple[Tensor, npt.NDArray[Any]]]:
        """Yields each tensor that is in a file, with its values, which are mapped and not read.

        numpy has no 4-bit types: such an array has the tensor's shape and begins with its bytes, two values each.
        Only code that knows the type may read it.

        Raises:
            BundleFormatError: the model cannot be read, or a tensor is not within its file.
        """
        try:
            for tensor in _tensors(self.model):
                yield tensor, _values(tensor, self.files)
        except ValueError as error:
            raise BundleFormatError(f"{self.name}: {error}; convert the checkpoint again") from None

    def give_back(self) -> None:
        """Tells the system that the files' pages are not needed now; a page that is read again comes back."""
        for file in self.files.values():
            if hasattr(file, "madvise"):  # not on Windows
                file.madvise(mmap.MADV_DONTNEED)


def read_graph(path: Path) -> Graph:
    """Reads a graph, and maps the files beside it that it names.

    Raises:
        BundleFormatError: a file cannot be read, or the model names one that is not beside it.
    """
    try:
        model = path.read_bytes()
        names = {tensor.location for tensor in _tensors(model)}
        if strange := [name for name in names if Path(name).name != name]:
            raise ValueError(f"expected weights beside the graph, found {strange[0]!r}")
        return Graph(path, model, {name: map_file(path.with_name(name)) for name in names})
    except (OSError, ValueError) as error:
        raise BundleFormatError(f"{path}: cannot load the graph: {error}; convert the checkpoint again") from None


def map_file(path: Path) -> mmap.mmap:
    """Maps a file into memory; reads nothing.

    Raises:
        OSError: the file cannot be opened.
        ValueError: the file is empty.
    """
    with path.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _values(tensor: Tensor, files: Mapping[str, mmap.mmap]) -> npt.NDArray[Any]:
    if tensor.onnx_type not in _DTYPES:
        raise ValueError(f"the tensor {tensor.name!r} has the unknown type {tensor.onnx_type}")
    dtype, count = np.dtype(_DTYPES[tensor.onnx_type]), math.prod(tensor.shape)
    stored = (count + 1) // 2 if tensor.onnx_type in _HALF_BYTES else count
    file = files.get(tensor.location)
    if file is None or tensor.offset + stored * dtype.itemsize > len(file):
        raise ValueError(f"the tensor {tensor.name!r} is not within {tensor.location!r}")
    values = np.frombuffer(file, dtype, stored, tensor.offset)
    if values.nbytes < _SMALL or not values.flags.aligned:
        values = values.copy()
    if stored == count:
        return values.reshape(tensor.shape)
    strides = tuple(math.prod(tensor.shape[axis + 1 :]) for axis in range(len(tensor.shape)))
    return np.lib.stride_tricks.as_strided(values, tensor.shape, strides)


def _tensors(model: bytes) -> Iterator[Tensor]:
    """Yields what the model says of each tensor that is in a file."""
    for tensor in initializers(model):
        if entries := external_data(tensor):
            name, shape, offset = name_of(tensor), shape_of(tensor), int(entries.get("offset", "0"))
            if offset < 0 or any(size >= 1 << 63 for size in shape):
                raise ValueError(f"the tensor {name!r} has a negative offset or size")
            yield Tensor(name, type_of(tensor), shape, entries.get("location", ""), offset)
