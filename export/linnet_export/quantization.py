"""fp32 graph → INT8 graph: dynamic quantization of the constant MatMuls and the embeddings."""

from pathlib import Path

import onnx
from linnet.layout import GRAPH, WEIGHTS
from onnxruntime.quantization import QuantType, quantize_dynamic

from linnet_export.quiet import quiet

PER_TENSOR = "per-tensor"
"""Activations with one scale a tensor, found at run time; weights symmetric, one scale a channel."""

_EXTERNAL_FROM = 1024  # bytes: smaller tensors stay in the graph


def quantize(fp32: Path, bundle: Path) -> None:
    """Writes the INT8 graph of ``fp32`` into a bundle, its weights beside it as external data.

    Only MatMuls with a constant side are quantized: attention's products of two activations lose
    more than they gain. External data is memory-mapped by onnxruntime.
    """
    graph = bundle / GRAPH
    graph.parent.mkdir(parents=True, exist_ok=True)
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
    onnx.save_model(
        model,
        graph,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=Path(WEIGHTS).name,
        size_threshold=_EXTERNAL_FROM,
    )
