"""An ONNX model taken apart into nodes and constants, changed, and put together again.

The package ``onnx`` is not needed. The field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .protobuf import contents, delimited, fields, numbered

# ModelProto.graph; GraphProto.node, .initializer, .input, .output and .value_info
_GRAPH = 7
_NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUE_INFO = 1, 5, 11, 12, 13
# NodeProto.input, .output, .name, .op_type and .attribute; AttributeProto.name, .i, .g, .ints, .graphs and .type
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _KIND, _ATTRIBUTE = 1, 2, 3, 4, 5
_NAME, _INT, _SUBGRAPH, _INTS, _SUBGRAPHS, _ATTRIBUTE_TYPE = 1, 3, 6, 8, 11, 20
_TYPE_INT, _TYPE_INTS = 2, 7
# TensorProto.dims, .data_type, .name and .raw_data
_DIMS, _DATA_TYPE, _TENSOR_NAME, _RAW_DATA = 1, 2, 8, 9
# ValueInfoProto.name and .type; TypeProto.tensor_type; its .elem_type and .shape; TensorShapeProto.dim; its value and name
_VALUE_NAME, _TYPE, _TENSOR_TYPE, _ELEMENT, _SHAPE, _DIM, _SIZE, _SIZE_NAME = 1, 2, 1, 1, 2, 1, 1, 2

FLOAT, INT64, BOOL = 1, 7, 9
"""Numbers of ONNX's ``TensorProto.DataType``."""

_DATA_TYPES = {np.dtype(np.float32): FLOAT, np.dtype(np.int64): INT64}


class Node(NamedTuple):
    """An operation: its operator, the names of its inputs and outputs, and its message."""

    kind: str
    inputs: tuple[str, ...]
    """An empty name stands for an input that is left out."""
    outputs: tuple[str, ...]
    message: bytes

    @property
    def reads(self) -> frozenset[str]:
        """All names that it reads, those of its subgraphs included."""
        return frozenset(_reads(self.message)) - {""}


@dataclass(frozen=True)
class Network:
    """The parts of an ONNX model that are changed, and the rest of it as it is."""

    nodes: tuple[Node, ...]
    constants: Mapping[str, bytes]
    """The messages of the initializers, by name."""
    inputs: tuple[str, ...]
    """The names of the graph's inputs."""
    outputs: tuple[str, ...]
    """The names of the graph's outputs."""
    shapes: Mapping[str, bytes]
    """The messages that declare the shapes of values between nodes, by name."""
    others: bytes
    """All other fields of the graph; those of its inputs too."""
    around: bytes
    """All other fields of the model, such as the versions of its operators."""

    @cached_property
    def _makers(self) -> dict[str, Node]:
        return {name: node for node in self.nodes for name in node.outputs}

    def maker(self, name: str) -> Node | None:
        """Returns the node that makes a value; None for inputs and constants."""
        return self._makers.get(name)

    def is_constant(self, name: str) -> bool:
        """Returns whether a value is a constant of the graph."""
        maker = self.maker(name)
        return name in self.constants or (maker is not None and maker.kind == "Constant")

    def up_to(self, name: str) -> "Network":
        """Returns what computes a value, and nothing else; the value is the only output."""
        needed, waiting = set[str](), [name]
        while waiting:
            value = waiting.pop()
            if value not in needed:
                needed.add(value)
                maker = self.maker(value)
                waiting += maker.reads if maker else ()
        return replace(
            self,
            nodes=tuple(node for node in self.nodes if needed & set(node.outputs)),
            constants={each: message for each, message in self.constants.items() if each in needed},
            outputs=(name,),
            shapes={each: message for each, message in self.shapes.items() if each in needed},
        )

    def with_nodes(self, nodes: Iterable[Node], constants: Mapping[str, npt.NDArray[np.generic]]) -> "Network":
        """Returns the network with more nodes at its end; the last output of the last of them is the only output."""
        added = tuple(nodes)
        new = {name: _tensor(name, values) for name, values in constants.items()}
        return replace(
            self,
            nodes=(*self.nodes, *added),
            constants={**self.constants, **new},
            outputs=(added[-1].outputs[-1],),
        )

    def model(self, *shape: str | int) -> bytes:
        """Returns the content of an ONNX file; ``shape`` is that of the output, float32; without one, none is declared."""
        (output,) = self.outputs
        graph = [
            *(delimited(_NODE, node.message) for node in self.nodes),
            *(delimited(_INITIALIZER, message) for message in self.constants.values()),
            self.others,
            delimited(_OUTPUT, _declared(output, shape)),
            *(delimited(_VALUE_INFO, message) for name, message in self.shapes.items() if name != output),
        ]
        return self.around + delimited(_GRAPH, b"".join(graph))


def read_network(model: bytes) -> Network:
    """Takes the content of an ONNX file apart.

    Raises:
        ValueError: it is no ONNX model.
    """
    graph = b"".join(contents(model, _GRAPH))
    around = b"".join(raw for number, _, raw in fields(model) if number != _GRAPH)
    by_number: dict[int, list[bytes]] = {number: [] for number in (_NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUE_INFO)}
    others = b""
    for number, content, raw in fields(graph):
        by_number.get(number, []).append(content)
        if number not in by_number or number == _INPUT:
            others += raw
    return Network(
        nodes=tuple(map(_node, by_number[_NODE])),
        constants={_text(content, _TENSOR_NAME): content for content in by_number[_INITIALIZER]},
        inputs=tuple(_text(content, _VALUE_NAME) for content in by_number[_INPUT]),
        outputs=tuple(_text(content, _VALUE_NAME) for content in by_number[_OUTPUT]),
        shapes={_text(content, _VALUE_NAME): content for content in by_number[_VALUE_INFO]},
        others=others,
        around=around,
    )


def make_node(kind: str, inputs: Sequence[str], output: str, **attributes: int | Sequence[int]) -> Node:
    """Returns a node with one output; the node has the output's name."""
    message = [
        *(delimited(_NODE_INPUT, name.encode()) for name in inputs),
        delimited(_NODE_OUTPUT, output.encode()),
        delimited(_NODE_NAME, output.encode()),
        delimited(_KIND, kind.encode()),
        *(delimited(_ATTRIBUTE, _attribute(name, value)) for name, value in attributes.items()),
    ]
    return Node(kind, tuple(inputs), (output,), b"".join(message))


def _node(message: bytes) -> Node:
    return Node(
        _text(message, _KIND), tuple(_texts(message, _NODE_INPUT)), tuple(_texts(message, _NODE_OUTPUT)), message
    )


def _reads(message: bytes) -> Iterator[str]:
    """Yields the names that a node reads, also in its subgraphs."""
    yield from _texts(message, _NODE_INPUT)
    for attribute in contents(message, _ATTRIBUTE):
        for number in (_SUBGRAPH, _SUBGRAPHS):
            for graph in contents(attribute, number):
                yield from _texts(graph, _OUTPUT)
                for node in contents(graph, _NODE):
                    yield from _reads(node)


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return delimited(_NAME, name.encode()) + _signed(_INT, value) + numbered(_ATTRIBUTE_TYPE, _TYPE_INT)
    values = b"".join(_signed(_INTS, each) for each in value)
    return delimited(_NAME, name.encode()) + values + numbered(_ATTRIBUTE_TYPE, _TYPE_INTS)


def _signed(number: int, value: int) -> bytes:
    return numbered(number, value % (1 << 64))


def _tensor(name: str, values: npt.NDArray[np.generic]) -> bytes:
    dims = b"".join(numbered(_DIMS, size) for size in values.shape)
    raw = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()
    kind = numbered(_DATA_TYPE, _DATA_TYPES[values.dtype])
    return dims + kind + delimited(_TENSOR_NAME, name.encode()) + delimited(_RAW_DATA, raw)


def _declared(name: str, shape: Sequence[str | int]) -> bytes:
    dims = b"".join(
        delimited(_DIM, numbered(_SIZE, size) if isinstance(size, int) else delimited(_SIZE_NAME, size.encode()))
        for size in shape
    )
    kind = numbered(_ELEMENT, FLOAT) + (delimited(_SHAPE, dims) if shape else b"")
    return delimited(_VALUE_NAME, name.encode()) + delimited(_TYPE, delimited(_TENSOR_TYPE, kind))


def _texts(message: bytes, wanted: int) -> Iterator[str]:
    return (content.decode() for content in contents(message, wanted))


def _text(message: bytes, wanted: int) -> str:
    return next(_texts(message, wanted), "")
