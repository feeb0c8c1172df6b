"""Any fp32 graph → INT8 with a scale for every token, where `lift` finds no encoder in it."""

from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto

from linnet_export.arithmetic import PerToken, Rows
from linnet_export.encoder import Floats
from linnet_export.external import read_tensor
from linnet_export.graph_builder import GraphBuilder


def write_per_token(fp32: Path, file: Path, weights: str, *, embedding_bits: int = 8) -> None:
    """Writes a graph with its products with constant matrices and its embedding tables in INT8.

    `Gemm`, which only heads have, stays in fp32: it reads one token a text.

    Args:
        fp32: the graph.
        file: the graph to write.
        weights: the name of the file for weights beside it.
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
        self._rows: dict[str, Rows] = {}  # of activations that are quantized already: Q, K and V share theirs

    def write(self) -> None:
        kept = [node for node in self._source.node if not self._rewritten(node)]
        used = {name for node in kept for name in node.input}
        for tensor in self._source.initializer:
            if tensor.name in used:
                self._graph.weight(tensor.name, read_tensor(tensor, self._folder))

    def _rewritten(self, node: NodeProto) -> bool:
        """Adds the node, or what stands in its place."""
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
