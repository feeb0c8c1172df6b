"""Writes an ONNX graph node by node."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from linnet_export.onnx_graph.external import Int4, SharedWeights, WeightsFile

MICROSOFT = "com.microsoft"
"""The domain of onnxruntime's own operators."""

_OPSET, _IR_VERSION = 21, 10


class GraphBuilder:
    """A graph under construction: nodes and weights in the order added; large weights go to their file at once.

    Args:
        file: the graph that `save` writes.
        weights: the name of the weights file to write, in the same folder; or the tensors of another graph there.
    """

    def __init__(self, file: Path, weights: str | SharedWeights) -> None:
        self._file = file
        self._weights = WeightsFile(file.parent / weights) if isinstance(weights, str) else weights
        self._nodes: list[NodeProto] = []
        self._tensors: dict[str, TensorProto] = {}
        self._values = 0

    def node(self, kind: str, *inputs: str, output: str | None = None, domain: str = "", **attributes: Any) -> str:
        """Adds a node; returns the name of its output."""
        self._values += 1
        made = output or f"linnet/{kind}_{self._values}"
        self._nodes.append(helper.make_node(kind, inputs, [made], name=made, domain=domain, **attributes))
        return made

    def constant(self, value: npt.ArrayLike, dtype: npt.DTypeLike = np.float32) -> str:
        """Adds a small constant; returns its name. Equal constants are added once."""
        values = np.asarray(value, dtype=dtype)
        name = f"constant/{values.dtype}/{'_'.join(map(str, values.ravel().tolist()))}/{values.ndim}"
        self._tensors.setdefault(name, numpy_helper.from_array(values, name))
        return name

    def weight(self, name: str, values: npt.NDArray[np.generic] | Int4) -> str:
        """Adds a tensor of the checkpoint, unless the graph already has one of this name; returns the name."""
        if name not in self._tensors:
            self._tensors[name] = self._weights.tensor(name, values)
        return name

    def append(self, nodes: Iterable[NodeProto]) -> None:
        """Adds the nodes of another graph, unchanged."""
        self._nodes.extend(nodes)

    def save(self, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]) -> None:
        """Writes the graph."""
        graph = helper.make_graph(self._nodes, "linnet", inputs, outputs, list(self._tensors.values()))
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(MICROSOFT, 1)]
        onnx.save_model(helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION), self._file)
