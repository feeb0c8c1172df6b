"""Checks what a graph is made of before onnxruntime sees it: plain operators, no code, no other files, no growth.

A graph is a program. onnxruntime checks its types, but loads functions that call each other, runs loops, opens the files
that tensors inside nodes name, and computes constants of any size while it loads. Linnet writes none of these.
"""

import math
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from ..errors import BundleFormatError
from ..fields import shown
from . import protobuf
from .onnx_fields import GRAPH_INITIALIZER, GRAPH_NODE, MODEL_GRAPH, TENSOR_DIMS, TENSOR_EXTERNAL, TENSOR_NAME
from .protobuf import fields, numbers

_PLAIN = (
    *(
        "Abs",
        "Add",
        "And",
        "Cast",
        "Clip",
        "Concat",
        "Constant",
        "ConstantOfShape",
        "CumSum",
        "DequantizeLinear",
        "Div",
    ),
    *("DynamicQuantizeLinear", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "GatherElements"),
    *(
        "GatherND",
        "Gelu",
        "Gemm",
        "Greater",
        "GreaterOrEqual",
        "HardSigmoid",
        "Identity",
        "IsNaN",
        "LayerNormalization",
    ),
    *("LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "LpNormalization", "MatMul", "MatMulInteger", "Max"),
    *("Min", "Mod", "Mul", "Neg", "Not", "Or", "Pow", "QLinearMatMul", "QuantizeLinear", "Range", "Reciprocal"),
    *("ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Relu", "Reshape", "Round"),
    *("ScatterND", "Shape", "Sigmoid", "Sign", "Size", "Slice", "Softmax", "Split", "Sqrt", "Squeeze", "Sub", "Sum"),
    *("Tanh", "Tile", "Transpose", "Trilu", "Unsqueeze", "Where", "Xor"),
)
_MICROSOFT = (
    *("Attention", "BiasGelu", "DynamicQuantizeMatMul", "EmbedLayerNormalization", "FastGelu", "FusedGemm"),
    *("FusedMatMul", "GatherBlockQuantized", "Gelu", "MatMulIntegerToFloat", "MatMulNBits", "MultiHeadAttention"),
    *("QAttention", "QuickGelu", "SkipLayerNormalization"),
)
OPERATORS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("", "ai.onnx"), frozenset(_PLAIN)),
    "com.microsoft": frozenset(_MICROSOFT),
}
"""Domain → the operators that a graph may have: those that encoders need. Each computes arrays from arrays."""

MOST_FIELDS = 400_000
"""The most fields of a model at all depths: reading each takes a microsecond."""
MOST_GROWN = 1 << 24
"""The most numbers of a constant that onnxruntime computes while it loads a graph."""
_GREATEST = 1 << 40
"""The most numbers of a tensor: more than any file of weights holds."""

# ModelProto: versions, names, texts, the graph and key-value pairs. Not training_info (20) and functions (25).
_OF_MODEL = frozenset({1, 2, 3, 4, 5, 6, MODEL_GRAPH, 8, 14})
# GraphProto: all but sparse_initializer (15)
_OF_GRAPH = frozenset({GRAPH_NODE, 2, GRAPH_INITIALIZER, 10, 11, 12, 13, 14, 16})
_INPUT, _OUTPUT, _KIND, _ATTRIBUTE, _DOMAIN, _OVERLOAD = 1, 2, 4, 5, 7, 8
# AttributeProto: graphs, sparse tensors and names of a function's attributes
_SUBGRAPHS = {6: "a graph within a node", 11: "graphs within a node", 21: "a function's attribute"}
_SUBGRAPHS |= {22: "a sparse tensor", 23: "sparse tensors"}
_TENSOR, _TENSORS = 5, 10
_LOCATION = 14  # TensorProto.data_location
_GROWING = frozenset({"ConstantOfShape", "Expand", "Range", "Tile"})
"""Operators whose output's size is in the numbers that they read."""


class _Counted:
    """Reads fields of messages, and counts them."""

    def __init__(self) -> None:
        self._left = MOST_FIELDS

    def __call__(self, message: bytes) -> list[tuple[int, bytes, bytes]]:
        found = list(islice(fields(message), self._left + 1))
        self._left -= len(found)
        if self._left < 0:
            raise ValueError(f"expected at most {MOST_FIELDS} fields, found more")
        return found


def check_permitted(name: Path, model: bytes) -> None:
    """Checks that a model has one graph of permitted operators, whose tensors are in it or in the file of its weights.

    Raises:
        BundleFormatError: it has another operator, a function, a graph within a graph, a tensor in another file, two
            tensors of one name, constants that grow without bounds, or more than `MOST_FIELDS` fields.
    """
    try:
        counted = _Counted()
        graphs = []
        for number, content, _ in counted(model):
            if number not in _OF_MODEL:
                raise ValueError(f"expected no training information and no functions, found field {number} of a model")
            if number == MODEL_GRAPH:
                graphs.append(content)
        if len(graphs) != 1:
            raise ValueError(f"expected one graph, found {len(graphs)}")
        _check_graph(graphs[0], counted)
    except ValueError as error:
        raise BundleFormatError(f"{name}: {error}; convert the checkpoint again, or do not use this bundle") from None


def _check_graph(graph: bytes, counted: _Counted) -> None:
    constants: dict[str, int] = {}
    nodes = []
    for number, content, _ in counted(graph):
        if number not in _OF_GRAPH:
            raise ValueError(f"expected no sparse tensors, found field {number} of a graph")
        if number == GRAPH_INITIALIZER:
            name, size = _tensor(content, counted)
            if name in constants:
                raise ValueError(f"expected distinct names of tensors, found {shown(name)} twice")
            constants[name] = size
        elif number == GRAPH_NODE:
            nodes.append(content)
    for node in nodes:
        _check_node(node, constants, counted)


def _tensor(tensor: bytes, counted: _Counted) -> tuple[str, int]:
    """Returns a tensor's name and how many numbers it has."""
    name, size = b"", 1
    for number, content, whole in counted(tensor):
        if number == TENSOR_NAME:
            name = content
        elif number == TENSOR_DIMS:
            for dimension in numbers(content) if content else [protobuf.number(whole)]:
                size *= dimension
                if size > _GREATEST:
                    raise ValueError(f"expected tensors of at most {_GREATEST} numbers, found a larger one")
    return name.decode(), size


def _check_node(node: bytes, constants: dict[str, int], counted: _Counted) -> None:
    inputs, outputs, texts = list[str](), list[str](), {_KIND: "", _DOMAIN: ""}
    own = 1
    for number, content, _ in counted(node):
        if number in (_INPUT, _OUTPUT):
            (inputs if number == _INPUT else outputs).append(content.decode())
        elif number in texts:
            texts[number] = content.decode()
        elif number == _ATTRIBUTE:
            own = max(own, _check_attribute(content, counted))
        elif number == _OVERLOAD and content:
            raise ValueError("expected no functions, found a node that calls one")
    if texts[_KIND] not in OPERATORS.get(texts[_DOMAIN], ()):
        found = f"{texts[_DOMAIN]}:{texts[_KIND]}".removeprefix(":")
        raise ValueError(f"expected operators that encoders need, found {shown(found)}")
    if all(not name or name in constants for name in inputs):
        size = _bound(texts[_KIND], [constants[name] for name in inputs if name], own)
        if size > MOST_GROWN:
            raise ValueError(
                f"expected constants of at most {MOST_GROWN} numbers, found up to {size} of {shown(texts[_KIND])}"
            )
        constants.update(dict.fromkeys(outputs, size))


def _check_attribute(attribute: bytes, counted: _Counted) -> int:
    """Checks an attribute of a node; returns how many numbers it has at most."""
    size = 0
    for number, content, _ in counted(attribute):
        if number in _SUBGRAPHS:
            raise ValueError(f"expected nodes that only compute, found {_SUBGRAPHS[number]}")
        if number in (_TENSOR, _TENSORS):
            if {inner for inner, _, _ in counted(content)} & {TENSOR_EXTERNAL, _LOCATION}:
                raise ValueError("expected the tensors of nodes in the graph, found one in another file")
            size += max(_tensor(content, counted)[1], len(content))
        else:
            size += len(content)
    return size


def _bound(kind: str, inputs: list[int], own: int) -> int:
    """Returns how many numbers a constant may have that a node computes from constants of these sizes."""
    if kind in _GROWING:
        return MOST_GROWN + 1
    if kind == "Concat":
        return sum(inputs)
    return max(own, math.prod(size for size in inputs if size > 1))
