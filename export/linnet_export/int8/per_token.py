"""fp32 graph → INT8 graph with one scale per token, for graphs in which `lift` finds no encoder."""

from pathlib import Path

import numpy as np
import onnx
from linnet.arrays import Floats
from onnx import GraphProto, NodeProto, TensorProto

from linnet_export.int8.arithmetic import PerToken
from linnet_export.lean.arithmetic import Rows
from linnet_export.onnx_graph.builder import GraphBuilder
from linnet_export.onnx_graph.external import read_tensor


def write_per_token(fp32: Path, file: Path, weights: str, *, embedding_bits: int = 8) -> None:
    """Writes a graph with INT8 embedding tables and INT8 products with constant matrices.

    `Gemm` stays in fp32: only heads use it, and they read one token per text.

    Args:
        fp32: the graph.
        file: the graph to write.
        weights: the name of the weights file, in the same folder.
        embedding_bits: 8 or 4, for each value of an embedding table.
    """
    source = onnx.load(fp32, load_external_data=False).graph
    graph = GraphBuilder(file, weights)
    _Rewriting(source, fp32.parent, graph, PerToken(graph, embedding_bits=embedding_bits)).write()
    graph.save(source.input, source.output)


class _Rewriting:
    def __init__(self, source: GraphProto, folder: Path, graph: GraphBuilder, arithmetic: PerToken) -> None:
        self._source = source
        self._folder = folder
        self._graph = graph
        self._arithmetic = arithmetic
        self._matrices = {tensor.name: tensor for tensor in source.initializer if _is_matrix(tensor)}
        self._rows: dict[str, Rows] = {}  # quantized activations by name: Q, K and V share theirs

    def write(self) -> None:
        kept = [node for node in self._source.node if not self._rewritten(node)]
        used = {name for node in kept for name in node.input}
        for tensor in self._source.initializer:
            if tensor.name in used:
                self._graph.weight(tensor.name, read_tensor(tensor, self._folder))

    def _rewritten(self, node: NodeProto) -> bool:
        """Adds the node or its INT8 replacement; returns whether it was replaced."""
        if node.op_type == "MatMul" and node.input[1] in self._matrices:
            activations, name = node.input
            weight = self._matrix(name)
            if activations not in self._rows:
                self._rows[activations] = self._arithmetic.rows(activations, len(weight))
            self._arithmetic.product(self._rows[activations], name, weight, output=node.output[0])
        elif node.op_type == "Gather" and node.input[0] in self._matrices:
            name, ids = node.input
            self._arithmetic.lookup(name, self._matrix(name), ids, output=node.output[0])
        else:
            self._graph.append([node])
            return False
        return True

    def _matrix(self, name: str) -> Floats:
        return read_tensor(self._matrices[name], self._folder).astype(np.float32, copy=False)


def _is_matrix(tensor: TensorProto) -> bool:
    return tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2
