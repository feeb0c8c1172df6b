"""The numbers of the fields of ONNX's messages that the runtime reads or writes.

The messages: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from collections.abc import Iterator

from .protobuf import contents, fields, number, numbers

MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_INITIALIZER = 1, 5
NODE_INPUT = 1
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NAME, TENSOR_EXTERNAL = 1, 2, 8, 13
ENTRY_KEY, ENTRY_VALUE = 1, 2

MOST_DIMENSIONS = 8
"""The most dimensions of a tensor. The time to multiply many large ones grows with the square of their number."""


def initializers(model: bytes) -> Iterator[bytes]:
    """Yields the message of each tensor that a model's graph holds.

    Raises:
        ValueError: a message is cut short.
    """
    return (tensor for graph in contents(model, MODEL_GRAPH) for tensor in contents(graph, GRAPH_INITIALIZER))


def shape_of(tensor: bytes) -> tuple[int, ...]:
    """Returns the dimensions in a tensor's message.

    Raises:
        ValueError: there are more than `MOST_DIMENSIONS`, or the message is cut short.
    """
    shape: list[int] = []
    for found, content, whole in fields(tensor):
        if found == TENSOR_DIMS:
            shape += numbers(content) if content else [number(whole)]
    if len(shape) > MOST_DIMENSIONS:
        raise ValueError(f"expected at most {MOST_DIMENSIONS} dimensions of a tensor, found {len(shape)}")
    return tuple(shape)


def external_data(tensor: bytes) -> dict[str, str]:
    """Returns what a tensor's message says of the file with its values; an empty dict if it has them itself.

    Raises:
        ValueError: an entry is not UTF-8, or the message is cut short.
    """
    entries: dict[str, str] = {}
    for entry in contents(tensor, TENSOR_EXTERNAL):
        found = {field: content.decode() for field, content, _ in fields(entry)}
        entries[found.get(ENTRY_KEY, "")] = found.get(ENTRY_VALUE, "")
    return entries


def name_of(tensor: bytes) -> str:
    """Returns the name in a tensor's message: the last one, if it has several, as onnxruntime does.

    Raises:
        ValueError: it is not UTF-8, or the message is cut short.
    """
    return [b"", *contents(tensor, TENSOR_NAME)][-1].decode()


def type_of(tensor: bytes) -> int:
    """Returns the type in a tensor's message, a number of ``TensorProto.DataType``; 0 if it has none.

    Raises:
        ValueError: the message is cut short.
    """
    return [0, *(number(whole) for found, _, whole in fields(tensor) if found == TENSOR_TYPE)][-1]
