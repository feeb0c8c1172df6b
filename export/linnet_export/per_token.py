"""fp32 graph → INT8 graph in which every token has a scale of its own.

A token's activations then do not depend on its neighbours or its batch, and none of its precision is
spent on another token's outliers. Per row of activations ``s = max|x| / 127``, ``q = round(x / s) + 128``;
weights are symmetric with one scale a column; the product is ``s · (q - 128)·W_q · s_W``.

The scale of the row is multiplied in after `MatMulIntegerToFloat`, whose own scale is 1: onnxruntime takes
the scale of activations for a scalar, and its fusion of `MatMulInteger` with a `Mul` does so without a word.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

QUANTIZED, SCALE = "_quantized", "_scale"
"""How the INT8 tensor and the scales of a tensor are named after it."""

_LEVELS = 127  # of an int8 that is symmetric around 0
_ZERO_POINT = 128  # of the uint8 activations
_SMALLEST = 1e-12  # in place of the greatest magnitude of a row that is all zero
_MICROSOFT = "com.microsoft"
_CONSTANTS: dict[str, npt.NDArray[Any]] = {
    "per_token/levels": np.array(_LEVELS, dtype=np.float32),
    "per_token/smallest": np.array(_SMALLEST, dtype=np.float32),
    "per_token/one": np.array(1, dtype=np.float32),
    "per_token/zero_point": np.array(_ZERO_POINT, dtype=np.uint8),
    "per_token/last_axis": np.array([-1], dtype=np.int64),
}


def quantize_per_token(model: onnx.ModelProto, folder: str) -> None:
    """Quantizes the products with constant matrices and the embedding tables of a graph, in place.

    `Gemm`, which only heads have, stays in fp32: it reads one token a text. Weights are taken from
    ``folder`` one at a time, where the graph keeps them outside itself.
    """
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    matrices, tables = _rewrite(graph, {name for name, tensor in weights.items() if _is_matrix(tensor)})
    quantized = [
        numpy_helper.from_array(part, name + suffix)
        for axis, names in ((0, matrices), (1, tables))
        for name in sorted(names)
        for part, suffix in _parts(numpy_helper.to_array(weights[name], base_dir=folder), axis)
    ]
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for name, tensor in weights.items() if name in used]
    constants = [numpy_helper.from_array(value, name) for name, value in _CONSTANTS.items()]
    del graph.initializer[:]
    graph.initializer.extend([*kept, *quantized, *constants])
    del graph.value_info[:]  # of tensors that are no more
    model.opset_import.append(helper.make_opsetid(_MICROSOFT, 1))


def _rewrite(graph: GraphProto, weights: set[str]) -> tuple[set[str], set[str]]:
    """Replaces the nodes; gives the names of the matrices that they multiply by, and of the tables that they look into."""
    nodes: list[NodeProto] = []
    rows: set[str] = set()  # the activations whose rows are quantized already: Q, K and V share theirs
    matrices: set[str] = set()
    tables: set[str] = set()
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            nodes += [] if node.input[0] in rows else _quantize_rows(node.input[0])
            nodes += _product(node)
            rows.add(node.input[0])
            matrices.add(node.input[1])
        elif node.op_type == "Gather" and node.input[0] in weights:
            nodes += _lookup(node)
            tables.add(node.input[0])
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    return matrices, tables


def _parts(weights: npt.NDArray[np.float32], axis: int) -> Iterator[tuple[npt.NDArray[Any], str]]:
    values, scale = symmetric(weights, axis)
    yield values, QUANTIZED
    yield scale, SCALE


def symmetric(weights: npt.NDArray[np.float32], axis: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """The matrix in int8, and its scales along ``axis``: (columns,) for 0, (rows, 1) for 1."""
    greatest = np.abs(weights).max(axis=axis, keepdims=axis == 1)
    scale = np.maximum(greatest / np.float32(_LEVELS), np.float32(_SMALLEST))
    return np.rint(weights / scale).astype(np.int8), scale


def _is_matrix(tensor: TensorProto) -> bool:
    return tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2


def _quantize_rows(name: str) -> list[NodeProto]:
    """Float activations (…, K) → ``name/q`` uint8 (…, K) and ``name/s`` float32 (…, 1)."""
    greatest, factor, scaled = f"{name}/greatest", f"{name}/factor", f"{name}/scaled"
    return [
        helper.make_node("Abs", [name], [f"{name}/abs"]),
        helper.make_node("ReduceMax", [f"{name}/abs", "per_token/last_axis"], [f"{name}/max"], keepdims=1),
        helper.make_node("Max", [f"{name}/max", "per_token/smallest"], [greatest]),
        helper.make_node("Div", ["per_token/levels", greatest], [factor]),
        helper.make_node("Div", [greatest, "per_token/levels"], [f"{name}/s"]),
        helper.make_node("Mul", [name, factor], [scaled]),
        helper.make_node("QuantizeLinear", [scaled, "per_token/one", "per_token/zero_point"], [f"{name}/q"]),
    ]


def _product(node: NodeProto) -> list[NodeProto]:
    rows, weights = node.input
    unscaled = f"{node.output[0]}/unscaled"
    return [
        helper.make_node(
            "MatMulIntegerToFloat",
            [f"{rows}/q", weights + QUANTIZED, "per_token/one", weights + SCALE, "per_token/zero_point"],
            [unscaled],
            name=node.name,
            domain=_MICROSOFT,
        ),
        helper.make_node("Mul", [unscaled, f"{rows}/s"], [node.output[0]]),
    ]


def _lookup(node: NodeProto) -> list[NodeProto]:
    """Rows of an int8 table, each with its scale."""
    table, ids = node.input
    found = node.output[0]
    return [
        helper.make_node("Gather", [table + QUANTIZED, ids], [f"{found}/q"], name=node.name),
        helper.make_node("Gather", [table + SCALE, ids], [f"{found}/s"]),
        helper.make_node("Cast", [f"{found}/q"], [f"{found}/float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{found}/float", f"{found}/s"], [found]),
    ]
