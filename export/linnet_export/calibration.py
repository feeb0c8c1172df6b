"""How large the activations of an encoder get, channel by channel, and what it gives in fp32."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from linnet_export.arithmetic import Exact, Rows
from linnet_export.encoder import Floats
from linnet_export.graph_builder import GraphBuilder
from linnet_export.lean import add_lean
from linnet_export.lift import Lifted
from linnet_export.running import Ids, Running

_MAXIMA = "maxima"


@dataclass(frozen=True, eq=False)
class Calibration:
    """What was seen over some texts.

    ``maxima`` has, by the name of each product, the greatest magnitude of each channel that it reads,
    float32 (K,); ``outputs`` what the graph gave, a batch at a time.
    """

    maxima: dict[str, Floats]
    outputs: list[Floats]


def calibrate(lifted: Lifted, ids: Ids, folder: Path) -> Calibration:
    """Runs an encoder in fp32 over the texts of ``ids``. The graph for it is written into ``folder``."""
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
    """fp32, which notes what every product reads."""

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
