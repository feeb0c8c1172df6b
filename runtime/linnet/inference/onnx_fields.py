"""The numbers of the fields of ONNX's messages that the runtime reads or writes.

The messages: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from collections.abc import Iterator
from typing import NamedTuple

from .protobuf import contents, fields, number, numbers

MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT, GRAPH_VALUE_INFO = 1, 5, 11, 12, 13
NODE_INPUT, NODE_OUTPUT, NODE_NAME, NODE_OPERATOR, NODE_ATTRIBUTE = 1, 2, 3, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_INT, ATTRIBUTE_GRAPH, ATTRIBUTE_INTS, ATTRIBUTE_GRAPHS, ATTRIBUTE_TYPE = 1, 3, 6, 8, 11, 20
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NAME, TENSOR_RAW_DATA, TENSOR_EXTERNAL = 1, 2, 8, 9, 13
ENTRY_KEY, ENTRY_VALUE = 1, 2
VALUE_NAME, VALUE_TYPE = 1, 2
TYPE_TENSOR, TYPE_ELEMENT, TYPE_SHAPE = 1, 1, 2
SHAPE_DIM, DIM_SIZE, DIM_NAME = 1, 1, 2

IS_INT, IS_INTS = 2, 7
"""Numbers of ``AttributeProto.AttributeType``."""
FLOAT, INT64, BOOL = 1, 7, 9
"""Numbers of ``TensorProto.DataType``."""

MOST_DIMENSIONS = 8
"""The most dimensions of a tensor. The time to multiply many large ones grows with the square of their number."""


class Described(NamedTuple):
    """What a tensor's message says of it, besides its values."""

    name: str
    """The last one, if the message has several, as for onnxruntime."""
    type: int
    """A number of ``TensorProto.DataType``; 0 if there is none."""
    shape: tuple[int, ...]
    external: dict[str, str]
    """Where the values are in another file; empty if the message has them."""


def initializers(model: bytes) -> Iterator[bytes]:
    """Yields the message of each tensor that a model's graph holds.

    Raises:
        ValueError: a message is cut short.
    """
    return (tensor for graph in contents(model, MODEL_GRAPH) for tensor in contents(graph, GRAPH_INITIALIZER))


def described(tensor: bytes) -> Described:
    """Returns what a tensor's message says of it.

    Raises:
        ValueError: there are more than `MOST_DIMENSIONS`, a name is not UTF-8, or the message is cut short.
    """
    name, kind, shape, external = b"", 0, list[int](), dict[str, str]()
    for found, content, whole in fields(tensor):
        if found == TENSOR_DIMS:
            shape += numbers(content) if content else [number(whole)]
        elif found == TENSOR_TYPE:
            kind = number(whole)
        elif found == TENSOR_NAME:
            name = content
        elif found == TENSOR_EXTERNAL:
            entry = {field: value.decode() for field, value, _ in fields(content)}
            external[entry.get(ENTRY_KEY, "")] = entry.get(ENTRY_VALUE, "")
    if len(shape) > MOST_DIMENSIONS:
        raise ValueError(f"expected at most {MOST_DIMENSIONS} dimensions of a tensor, found {len(shape)}")
    return Described(name.decode(), kind, tuple(shape), external)
