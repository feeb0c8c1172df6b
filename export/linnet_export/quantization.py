"""fp32 graph → INT8 graph: dynamic quantization, activations at run time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from linnet.layout import GRAPH, WEIGHTS
from onnxruntime.quantization import QuantType, quantize_dynamic

from linnet_export.arithmetic import Arithmetic
from linnet_export.external import save_with_external_data
from linnet_export.graph_builder import GraphBuilder
from linnet_export.graph_passes import declare_shapes
from linnet_export.lean_model import LeanModel
from linnet_export.per_token import write_per_token
from linnet_export.quiet import quiet
from linnet_export.schemes import PER_TENSOR, PER_TOKEN


def quantize(fp32: Path, bundle: Path, scheme: str = PER_TOKEN, *, embedding_bits: int = 8) -> None:
    """Writes the INT8 graph of any fp32 graph into a bundle, its weights beside it as external data.

    Only products with a constant side are quantized: attention's products of two activations lose
    more than they gain. External data is memory-mapped by onnxruntime.
    """
    graph = _place(bundle)
    if scheme == PER_TENSOR:
        save_with_external_data(_per_tensor(fp32, graph), graph, _WEIGHTS)
    else:
        write_per_token(fp32, graph, _WEIGHTS, embedding_bits=embedding_bits)


def quantize_lean(
    model: LeanModel,
    equalization: str,
    bundle: Path,
    arithmetic: Callable[[GraphBuilder], Arithmetic],
    kept: npt.NDArray[np.int64] | None,
) -> None:
    """Writes the INT8 graph of a lifted encoder into a bundle; of the vocabulary, ``kept`` alone unless that is None."""
    graph = _place(bundle)
    model.write(equalization, arithmetic, graph, _WEIGHTS, kept)
    declare_shapes(graph)


_WEIGHTS = Path(WEIGHTS).name


def _place(bundle: Path) -> Path:
    graph = bundle / GRAPH
    graph.parent.mkdir(parents=True, exist_ok=True)
    return graph


def _per_tensor(fp32: Path, graph: Path) -> onnx.ModelProto:
    with quiet():
        quantize_dynamic(
            fp32,
            graph,
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
    model = onnx.load(graph)
    graph.unlink()
    return model
