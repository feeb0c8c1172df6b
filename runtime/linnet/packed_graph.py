"""The little of ONNX's file format that it takes to lay out anew the weights that onnxruntime packed.

Onnxruntime (1.31) writes packed weights one byte after the other and later maps them as they lie, and its kernels then
crash on what does not begin at a multiple of 64. It packs once more when it loads, maps the file's in place of what comes of
that, and so needs what was packed as it was before, too; but what it never packs need not be there twice.
"""

import operator
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# ModelProto.graph, GraphProto.initializer, TensorProto.name and .external_data, StringStringEntryProto.key and .value
_GRAPH, _INITIALIZER, _NAME, _EXTERNAL, _KEY, _VALUE = 7, 5, 8, 13, 1, 2
_BYTES = 2  # the wire type of what has a length
_FIXED = {1: 8, 5: 4}  # the bytes that other wire types take
_PACKED = "prepacked_"
_BLOB = re.compile(r"\|(\d+);(\d+)")
_LARGE = 65536  # bytes: what begins a page of its own
_PAGE, _LINE = 4096, 64  # bytes
_BLOCK = 1 << 20  # bytes read at a time

Entries = dict[str, str]
"""Where the weights of a tensor stand: ``location``, ``offset`` and ``length``, and what is packed of them."""


def lay_out(written: Path, original: Path, graph: Path) -> int:
    """Writes a graph with its weights aligned, in a file beside it or where another graph has them; says how many are packed.

    Args:
        written: the graph as onnxruntime wrote it, its weights in one file beside it.
        original: a graph whose weights file may be referred to.
        graph: the graph to write, to be moved beside ``original``; ``.onnx`` becomes ``.onnx_data`` for its weights.
    """
    layout = _Layout(written, original, graph.with_suffix(".onnx_data"))
    parts = [
        _delimited(_GRAPH, layout.graph(content)) if number == _GRAPH else raw
        for number, content, raw in _fields(written.read_bytes())
    ]
    graph.write_bytes(b"".join(parts))
    return layout.packed


class _Layout:
    def __init__(self, written: Path, original: Path, target: Path) -> None:
        self._source, self._original, self._target = written.parent, original.parent, target
        self._kept = _places(original.read_bytes())
        self.packed = 0
        target.write_bytes(b"")

    def graph(self, message: bytes) -> bytes:
        return b"".join(
            _delimited(_INITIALIZER, self._tensor(content)) if number == _INITIALIZER else raw
            for number, content, raw in _fields(message)
        )

    def _tensor(self, message: bytes) -> bytes:
        name, entries = _place(message)
        if not entries:
            return message
        others = b"".join(raw for number, _, raw in _fields(message) if number != _EXTERNAL)
        return others + b"".join(
            _delimited(_EXTERNAL, _delimited(_KEY, key.encode()) + _delimited(_VALUE, value.encode()))
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
        with (self._source / one["location"]).open("rb") as a, (self._original / other["location"]).open("rb") as b:
            return all(map(operator.eq, _blocks(a, *_span(one)), _blocks(b, *_span(other))))


def _copy(source: BinaryIO, target: BinaryIO, offset: int, length: int) -> int:
    """Where the bytes begin that are appended."""
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
    """Of each tensor whose weights are beside the graph, where they are."""
    graphs = (content for number, content, _ in _fields(model) if number == _GRAPH)
    tensors = (content for graph in graphs for number, content, _ in _fields(graph) if number == _INITIALIZER)
    return {name: entries for name, entries in map(_place, tensors) if entries}


def _place(tensor: bytes) -> tuple[str, Entries]:
    name, entries = "", {}
    for number, content, _ in _fields(tensor):
        if number == _NAME:
            name = content.decode()
        elif number == _EXTERNAL:
            key, value = _entry(content)
            entries[key] = value
    return name, entries


def _entry(message: bytes) -> tuple[str, str]:
    found = {number: content.decode() for number, content, _ in _fields(message)}
    return found[_KEY], found[_VALUE]


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each field's number, its content where it has a length, and all its bytes."""
    at = 0
    while at < len(message):
        begin = at
        tag, at = _varint(message, at)
        content = b""
        if tag & 7 == _BYTES:
            length, at = _varint(message, at)
            content = message[at : at + length]
            at += length
        elif tag & 7 in _FIXED:
            at += _FIXED[tag & 7]
        else:
            _, at = _varint(message, at)
        yield tag >> 3, content, message[begin:at]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number in groups of 7 bits, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value, at, shift = value | (byte & 0x7F) << shift, at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _delimited(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | _BYTES) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
