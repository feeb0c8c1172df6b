"""A graph in memory, with its weights mapped.

onnxruntime gets the graph from memory. It reads the weights itself where their files are still those that were mapped,
which is faster, and else gets the mapped files. So it runs what was checked, whatever happens to the files afterwards.
"""

import math
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import BundleFormatError
from ..system.mapping import MappedFile, map_file
from .onnx_fields import described, initializers

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
    """What a model says of a tensor."""

    name: str
    onnx_type: int
    """A number of ONNX's ``TensorProto.DataType``."""
    shape: tuple[int, ...]
    location: str | None
    """The name of the file with its values, beside the graph's; None if the model has the values."""
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
            for tensor in self.listed:
                if tensor.location is not None:
                    yield tensor, _values(tensor, self.files)
        except ValueError as error:
            raise BundleFormatError(f"{self.name}: {error}; convert the checkpoint again") from None

    @cached_property
    def listed(self) -> list[Tensor]:
        """All tensors of the model, in its order.

        Raises:
            ValueError: the model cannot be read.
        """
        return list(_tensors(self.model))

    def folder(self) -> Path | None:
        """Returns the folder from which the tensors may be read; None if they must come from memory.

        It has each of the files, under the name that the model gives it, as it was when it was mapped.

        Raises:
            BundleFormatError: as `tensors` does.
        """
        try:
            for tensor in self.listed:
                if tensor.location is not None:
                    _stored(tensor, self.files)
        except ValueError as error:
            raise BundleFormatError(f"{self.name}: {error}; convert the checkpoint again") from None
        places = {name: file.place() if isinstance(file, MappedFile) else None for name, file in self.files.items()}
        folders = {place.parent if place and place.name == name else None for name, place in places.items()}
        return folders.pop() if len(folders) == 1 else None

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
        names = {tensor.location for tensor in _tensors(model) if tensor.location is not None}
        if strange := [name for name in names if Path(name).name != name]:
            raise ValueError(f"expected weights beside the graph, found {strange[0]!r}")
        return Graph(path, model, {name: mapped(path.with_name(name)) for name in names})
    except (OSError, ValueError) as error:
        raise BundleFormatError(f"{path}: cannot load the graph: {error}; convert the checkpoint again") from None


def mapped(path: Path) -> MappedFile:
    """Maps a file into memory; reads nothing.

    Raises:
        OSError: the file cannot be opened.
        ValueError: the file is empty.
    """
    with path.open("rb") as stream:
        return map_file(stream, path)


def _values(tensor: Tensor, files: Mapping[str, mmap.mmap]) -> npt.NDArray[Any]:
    file, dtype, stored = _stored(tensor, files)
    values = np.frombuffer(file, dtype, stored, tensor.offset)
    if values.nbytes < _SMALL or not values.flags.aligned:
        values = values.copy()
    if stored == math.prod(tensor.shape):
        return values.reshape(tensor.shape)
    strides = tuple(math.prod(tensor.shape[axis + 1 :]) for axis in range(len(tensor.shape)))
    return np.lib.stride_tricks.as_strided(values, tensor.shape, strides)


def _stored(tensor: Tensor, files: Mapping[str, mmap.mmap]) -> tuple[mmap.mmap, np.dtype[Any], int]:
    """Returns the file that holds a tensor's values, their type there, and the number of values of this type."""
    if tensor.onnx_type not in _DTYPES:
        raise ValueError(f"the tensor {tensor.name!r} has the unknown type {tensor.onnx_type}")
    dtype, count = np.dtype(_DTYPES[tensor.onnx_type]), math.prod(tensor.shape)
    stored = (count + 1) // 2 if tensor.onnx_type in _HALF_BYTES else count
    file = files.get(tensor.location or "")
    if file is None or tensor.offset + stored * dtype.itemsize > len(file):
        raise ValueError(f"the tensor {tensor.name!r} is not within {tensor.location!r}")
    return file, dtype, stored


def _tensors(model: bytes) -> Iterator[Tensor]:
    """Yields what the model says of each tensor."""
    for name, kind, shape, external in map(described, initializers(model)):
        offset = int(external.get("offset", "0"))
        if offset < 0 or any(size >= 1 << 63 for size in shape):
            raise ValueError(f"the tensor {name!r} has a negative offset or size")
        yield Tensor(name, kind, shape, external.get("location", "") if external else None, offset)
