"""fp32 graph → INT8 graph: dynamic quantization, activations at run time."""

from pathlib import Path

import onnx
from linnet.layout import GRAPH, WEIGHTS
from onnxruntime.quantization import QuantType, quantize_dynamic

from linnet_export.external import save_with_external_data
from linnet_export.per_token import quantize_per_token
from linnet_export.quiet import quiet
from linnet_export.schemes import PER_TENSOR, PER_TOKEN


def quantize(fp32: Path, bundle: Path, scheme: str = PER_TOKEN) -> None:
    """Writes the INT8 graph of ``fp32`` into a bundle, its weights beside it as external data.

    Only products with a constant side are quantized: attention's products of two activations lose
    more than they gain. External data is memory-mapped by onnxruntime.
    """
    graph = bundle / GRAPH
    graph.parent.mkdir(parents=True, exist_ok=True)
    if scheme == PER_TENSOR:
        model = _per_tensor(fp32, graph)
    else:
        model = onnx.load(fp32, load_external_data=False)
        quantize_per_token(model, str(fp32.parent))
        onnx.load_external_data_for_model(model, str(fp32.parent))
    save_with_external_data(model, graph, Path(WEIGHTS).name)


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
