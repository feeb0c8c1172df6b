"""An ONNX model taken apart into nodes and constants, changed, and put together again.

The package ``onnx`` is not needed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from . import onnx_fields as onnx
from .onnx_fields import FLOAT, INT64
from .protobuf import contents, delimited, fields, numbered

_PARTS = (onnx.GRAPH_NODE, onnx.GRAPH_INITIALIZER, onnx.GRAPH_INPUT, onnx.GRAPH_OUTPUT, onnx.GRAPH_VALUE_INFO)
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
            *(delimited(onnx.GRAPH_NODE, node.message) for node in self.nodes),
            *(delimited(onnx.GRAPH_INITIALIZER, message) for message in self.constants.values()),
            self.others,
            delimited(onnx.GRAPH_OUTPUT, _declared(output, shape)),
            *(delimited(onnx.GRAPH_VALUE_INFO, message) for name, message in self.shapes.items() if name != output),
        ]
        return self.around + delimited(onnx.MODEL_GRAPH, b"".join(graph))


def read_network(model: bytes) -> Network:
    """Takes the content of an ONNX file apart.

    Raises:
        ValueError: it is no ONNX model.
    """
    graph = b"".join(contents(model, onnx.MODEL_GRAPH))
    around = b"".join(raw for number, _, raw in fields(model) if number != onnx.MODEL_GRAPH)
    by_number: dict[int, list[bytes]] = {number: [] for number in _PARTS}
    others = b""
    for number, content, raw in fields(graph):
        by_number.get(number, []).append(content)
        if number not in by_number or number == onnx.GRAPH_INPUT:
            others += raw
    return Network(
        nodes=tuple(map(_node, by_number[onnx.GRAPH_NODE])),
        constants={_text(content, onnx.TENSOR_NAME): content for content in by_number[onnx.GRAPH_INITIALIZER]},
        inputs=tuple(_text(content, onnx.VALUE_NAME) for content in by_number[onnx.GRAPH_INPUT]),
        outputs=tuple(_text(content, onnx.VALUE_NAME) for content in by_number[onnx.GRAPH_OUTPUT]),
        shapes={_text(content, onnx.VALUE_NAME): content for content in by_number[onnx.GRAPH_VALUE_INFO]},
        others=others,
        around=around,
    )


def make_node(kind: str, inputs: Sequence[str], output: str, **attributes: int | Sequence[int]) -> Node:
    """Returns a node with one output; the node has the output's name."""
    message = [
        *(delimited(onnx.NODE_INPUT, name.encode()) for name in inputs),
        delimited(onnx.NODE_OUTPUT, output.encode()),
        delimited(onnx.NODE_NAME, output.encode()),
        delimited(onnx.NODE_OPERATOR, kind.encode()),
        *(delimited(onnx.NODE_ATTRIBUTE, _attribute(name, value)) for name, value in attributes.items()),
    ]
    return Node(kind, tuple(inputs), (output,), b"".join(message))


def _node(message: bytes) -> Node:
    return Node(
        _text(message, onnx.NODE_OPERATOR),
        tuple(_texts(message, onnx.NODE_INPUT)),
        tuple(_texts(message, onnx.NODE_OUTPUT)),
        message,
    )


def _reads(message: bytes) -> Iterator[str]:
    """Yields the names that a node reads, also in its subgraphs."""
    yield from _texts(message, onnx.NODE_INPUT)
    for attribute in contents(message, onnx.NODE_ATTRIBUTE):
        for number in (onnx.ATTRIBUTE_GRAPH, onnx.ATTRIBUTE_GRAPHS):
            for graph in contents(attribute, number):
                yield from _texts(graph, onnx.GRAPH_OUTPUT)
                for node in contents(graph, onnx.GRAPH_NODE):
                    yield from _reads(node)


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return (
            delimited(onnx.ATTRIBUTE_NAME, name.encode())
            + _signed(onnx.ATTRIBUTE_INT, value)
            + numbered(onnx.ATTRIBUTE_TYPE, onnx.IS_INT)
        )
    values = b"".join(_signed(onnx.ATTRIBUTE_INTS, each) for each in value)
    return delimited(onnx.ATTRIBUTE_NAME, name.encode()) + values + numbered(onnx.ATTRIBUTE_TYPE, onnx.IS_INTS)


def _signed(number: int, value: int) -> bytes:
    return numbered(number, value % (1 << 64))


def _tensor(name: str, values: npt.NDArray[np.generic]) -> bytes:
    dims = b"".join(numbered(onnx.TENSOR_DIMS, size) for size in values.shape)
    raw = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()
    kind = numbered(onnx.TENSOR_TYPE, _DATA_TYPES[values.dtype])
    return dims + kind + delimited(onnx.TENSOR_NAME, name.encode()) + delimited(onnx.TENSOR_RAW_DATA, raw)


def _declared(name: str, shape: Sequence[str | int]) -> bytes:
    dims = b"".join(
        delimited(
            onnx.SHAPE_DIM,
            numbered(onnx.DIM_SIZE, size) if isinstance(size, int) else delimited(onnx.DIM_NAME, size.encode()),
        )
        for size in shape
    )
    kind = numbered(onnx.TYPE_ELEMENT, FLOAT) + (delimited(onnx.TYPE_SHAPE, dims) if shape else b"")
    return delimited(onnx.VALUE_NAME, name.encode()) + delimited(onnx.VALUE_TYPE, delimited(onnx.TYPE_TENSOR, kind))


def _texts(message: bytes, wanted: int) -> Iterator[str]:
    return (content.decode() for content in contents(message, wanted))


def _text(message: bytes, wanted: int) -> str:
    return next(_texts(message, wanted), "")
