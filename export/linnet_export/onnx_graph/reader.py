"""Reads an ONNX graph and walks through its nodes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, TensorProto

from linnet_export.onnx_graph.external import read_tensor


class GraphReader:
    """A graph's nodes in order, without ``Constant`` and ``Identity`` nodes.

    ``inputs`` and ``outputs`` are those that the graph declares.
    """

    def __init__(self, file: Path) -> None:
        self._folder = file.parent
        graph = onnx.load(file, load_external_data=False).graph
        self.inputs = tuple(graph.input)
        self.outputs = tuple(graph.output)
        self.nodes: list[NodeProto] = []
        self._tensors: dict[str, TensorProto] = {tensor.name: tensor for tensor in graph.initializer}
        self._resolve(graph.node)
        self._made_by = {name: node for node in self.nodes for name in node.output}

    def _resolve(self, nodes: list[NodeProto]) -> None:
        alias: dict[str, str] = {}
        for node in nodes:
            node.input[:] = [alias.get(name, name) for name in node.input]
            if node.op_type == "Constant":
                self._tensors[node.output[0]] = node.attribute[0].t
            elif node.op_type == "Identity":
                alias[node.output[0]] = node.input[0]
            else:
                self.nodes.append(node)

    def is_constant(self, name: str) -> bool:
        """Returns whether the value is a constant of the graph."""
        return name in self._tensors

    def constant(self, name: str) -> npt.NDArray[np.generic]:
        """Returns a constant of the graph; external data is memory-mapped."""
        return read_tensor(self._tensors[name], self._folder)

    def maker(self, name: str) -> NodeProto | None:
        """Returns the node that computes a value; None for an input or a constant."""
        return self._made_by.get(name)

    def upstream(self, name: str, until: str | None = None) -> Iterator[NodeProto]:
        """Yields the node that computes a value and those before it, the nearest first, up to the value ``until``."""
        waiting, seen = [name], {until}
        while waiting:
            reached = waiting.pop(0)
            node = self._made_by.get(reached)
            if reached not in seen and node is not None:
                seen.update(node.output)
                yield node
                waiting.extend(node.input)

    def downstream(self, name: str) -> list[NodeProto]:
        """Returns the nodes that depend on a value, in order."""
        reached, found = {name}, []
        for node in self.nodes:
            if reached.intersection(node.input):
                found.append(node)
                reached.update(node.output)
        return found
