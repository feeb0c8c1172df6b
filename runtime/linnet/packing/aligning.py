"""Aligns the weights that onnxruntime packed, by reading and writing the needed part of ONNX's file format.

Onnxruntime (1.31) writes packed weights without alignment and later maps them in place. Its kernels then crash on
weights that do not begin at a multiple of 64. When it loads the graph, it packs the plain weights again and then
replaces the result with the mapped file. So packed tensors also need their plain weights in the file. Tensors that
are never packed refer to the bundle's file instead, and `linnet.inference.session` gives them to onnxruntime.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..inference.graph import Graph
from ..inference.onnx_fields import (
    ENTRY_KEY,
    ENTRY_VALUE,
    GRAPH_INITIALIZER,
    MODEL_GRAPH,
    TENSOR_EXTERNAL,
    described,
    initializers,
)
from ..inference.protobuf import delimited, fields

_PACKED = "prepacked_"
_BLOB = re.compile(r"\|(\d+);(\d+)")
_LARGE = 65536  # bytes; tensors from this size on begin at a page
_PAGE, _LINE = 4096, 64  # bytes
_BLOCK = 1 << 20  # bytes read at a time

Entries = dict[str, str]
"""A tensor's external data: ``location``, ``offset`` and ``length``, and entries for its packed weights."""


def lay_out(written: Path, original: Graph, graph: Path) -> int:
    """Writes a graph with aligned weights; returns the number of tensors with packed weights.

    Args:
        written: the graph as onnxruntime wrote it, with its weights in one file beside it.
        original: the original graph; the new graph refers to its weights for equal tensors that are not packed.
        graph: the graph to write; its weights file has the suffix ``.onnx_data`` instead of ``.onnx``.
    """
    layout = _Layout(written, original, graph.with_suffix(".onnx_data"))
    parts = [
        delimited(MODEL_GRAPH, layout.graph(content)) if number == MODEL_GRAPH else raw
        for number, content, raw in fields(written.read_bytes())
    ]
    graph.write_bytes(b"".join(parts))
    return layout.packed


class _Layout:
    def __init__(self, written: Path, original: Graph, target: Path) -> None:
        self._source, self._files, self._target = written.parent, original.files, target
        self._kept = _places(original.model)
        self.packed = 0
        target.write_bytes(b"")

    def graph(self, message: bytes) -> bytes:
        return b"".join(
            delimited(GRAPH_INITIALIZER, self._tensor(content)) if number == GRAPH_INITIALIZER else raw
            for number, content, raw in fields(message)
        )

    def _tensor(self, message: bytes) -> bytes:
        name, _, _, entries = described(message)
        if not entries:
            return message
        others = b"".join(raw for number, _, raw in fields(message) if number != TENSOR_EXTERNAL)
        return others + b"".join(
            delimited(TENSOR_EXTERNAL, delimited(ENTRY_KEY, key.encode()) + delimited(ENTRY_VALUE, value.encode()))
            for key, value in self._moved(name, entries).items()
        )

    def _moved(self, name: str, entries: Entries) -> Entries:
        packed = [key for key in entries if key.startswith(_PACKED)]
        if not packed and name in self._kept and self._alike(entries, self._kept[name]):
            return self._kept[name]
        self.packed += bool(packed)
        with (self._source / entries["location"]).open("rb") as source, self._target.open("ab") as target:
            moved = {"location": self._target.name, "length": entries["length"]}
            moved["offset"] = str(_copy(source, target, *_span(entries)))
            for key in packed:
                moved[key] = _BLOB.sub(
                    lambda blob: f"|{_copy(source, target, int(blob[1]), int(blob[2]))};{blob[2]}", entries[key]
                )
        return moved

    def _alike(self, one: Entries, other: Entries) -> bool:
        if one["length"] != other["length"]:
            return False
        offset, length = _span(other)
        kept = memoryview(self._files[other["location"]])[offset : offset + length]
        with (self._source / one["location"]).open("rb") as file:
            blocks = _blocks(file, *_span(one))
            return all(
                block == kept[at : at + len(block)] for at, block in zip(range(0, length, _BLOCK), blocks, strict=True)
            )


def _copy(source: BinaryIO, target: BinaryIO, offset: int, length: int) -> int:
    """Appends bytes of ``source`` to ``target``, aligned; returns the offset where they begin."""
    target.write(bytes(-target.tell() % (_PAGE if length >= _LARGE else _LINE)))
    begin = target.tell()
    target.writelines(_blocks(source, offset, length))
    return begin


def _span(entries: Entries) -> tuple[int, int]:
    return int(entries["offset"]), int(entries["length"])


def _blocks(file: BinaryIO, offset: int, length: int) -> Iterator[bytes]:
    file.seek(offset)
    for at in range(0, length, _BLOCK):
        yield file.read(min(_BLOCK, length - at))


def _places(model: bytes) -> dict[str, Entries]:
    """Returns the external data of each tensor that has some, by name."""
    return {tensor.name: tensor.external for tensor in map(described, initializers(model)) if tensor.external}
