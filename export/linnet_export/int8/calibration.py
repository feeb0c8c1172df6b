"""Measures the largest activations of an encoder, channel by channel, and its fp32 outputs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from linnet.arrays import Floats
from onnx import TensorProto, helper

from linnet_export.lean.arithmetic import Exact, Rows
from linnet_export.lean.graph import add_lean
from linnet_export.lean.lift import Lifted
from linnet_export.onnx_graph.builder import GraphBuilder
from linnet_export.onnx_graph.running import Ids, Running

_MAXIMA = "maxima"


@dataclass(frozen=True, eq=False)
class Calibration:
    """The activations and outputs of an encoder on a set of texts."""

    maxima: dict[str, Floats]
    """For each product, by name, the greatest magnitude of each input channel: float32 (K,)."""
    outputs: list[Floats]
    """The outputs of the graph, one array per batch."""


def calibrate(lifted: Lifted, ids: Ids, folder: Path) -> Calibration:
    """Runs an encoder in fp32 on the texts with these ids; writes its temporary graph into ``folder``."""
    graph = GraphBuilder(folder / "observed.onnx", "observed.onnx_data")
    observing = _Observing(graph)
    add_lean(lifted, graph, observing)
    graph.node("Concat", *observing.maxima.values(), output=_MAXIMA, axis=0)
    declared = helper.make_tensor_value_info(_MAXIMA, TensorProto.FLOAT, ["channels"])
    graph.save(lifted.inputs, (*lifted.outputs, declared))
    running = Running(folder / "observed.onnx")
    outputs, greatest = [], np.zeros(1, dtype=np.float32)
    for output, maxima in running.texts(ids):
        outputs.append(output)
        greatest = np.maximum(greatest, maxima)
    ends = np.cumsum([observing.widths[name] for name in observing.maxima])
    return Calibration(dict(zip(observing.maxima, np.split(greatest, ends[:-1]), strict=True)), outputs)


class _Observing(Exact):
    """The fp32 arithmetic, which also records the maxima of every product's input."""

    def __init__(self, graph: GraphBuilder) -> None:
        super().__init__(graph)
        self._channels: dict[str, str] = {}
        self.maxima: dict[str, str] = {}
        self.widths: dict[str, int] = {}

    def product(self, rows: Rows, name: str, weight: Floats, *, output: str | None = None) -> str:
        if rows.values not in self._channels:
            magnitude = self._graph.node("Abs", rows.values)
            axis = self._graph.constant([0], np.int64)
            self._channels[rows.values] = self._graph.node("ReduceMax", magnitude, axis, keepdims=0)
        self.maxima[name], self.widths[name] = self._channels[rows.values], len(weight)
        return super().product(rows, name, weight, output=output)
