"""fp32 graph → INT8 graph by dynamic quantization: activations are quantized at run time."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from linnet.arrays import Floats
from linnet.names import GRAPH, INTERNALS, WEIGHTS
from onnx import ModelProto, TensorProto, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from linnet_export.int8.arithmetic import QUANTIZED, SCALE
from linnet_export.int8.lean_model import LeanModel
from linnet_export.int8.matrices import exact_everywhere
from linnet_export.int8.per_token import write_per_token
from linnet_export.lean.arithmetic import Arithmetic
from linnet_export.onnx_graph.builder import GraphBuilder
from linnet_export.onnx_graph.external import read_tensor, save_with_external_data
from linnet_export.onnx_graph.passes import declare_shapes
from linnet_export.quiet import quiet
from linnet_export.schemes import PER_TENSOR, PER_TOKEN


def quantize(fp32: Path, bundle: Path, scheme: str = PER_TOKEN, *, embedding_bits: int = 8) -> None:
    """Writes the INT8 graph of any fp32 graph into a bundle, with its weights as external data.

    Only products with a constant matrix are quantized: attention's products of two activations lose
    more than they gain. onnxruntime memory-maps external data.
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
    """Writes the INT8 graph of a lifted encoder into a bundle.

    ``kept`` are the ids of the vocabulary to keep; None keeps all.
    """
    graph = _place(bundle)
    model.write(equalization, arithmetic, graph, _WEIGHTS, kept)
    declare_shapes(graph)


def quantize_internals(
    model: LeanModel,
    equalization: str,
    bundle: Path,
    arithmetic: Callable[[GraphBuilder], Arithmetic],
    kept: npt.NDArray[np.int64] | None,
) -> Path:
    """Writes the INT8 graph of hidden states and attentions into a bundle; returns its path.

    It refers to the weights that `quantize_lean` wrote with the same arguments.
    """
    file = bundle / INTERNALS
    model.write_internals(equalization, arithmetic, file, bundle / GRAPH, kept)
    declare_shapes(file)
    return file


_WEIGHTS = Path(WEIGHTS).name


def _place(bundle: Path) -> Path:
    graph = bundle / GRAPH
    graph.parent.mkdir(parents=True, exist_ok=True)
    return graph


_TRANSPOSED = "_Transposed"  # onnxruntime appends this to the name of a Gemm's matrix that it transposes


def _per_tensor(fp32: Path, graph: Path) -> ModelProto:
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
    _replace_matrices(model, fp32)
    return model


def _replace_matrices(model: ModelProto, fp32: Path) -> None:
    """Replaces the matrices that onnxruntime quantized with INT8 matrices that saturate on no processor."""
    originals = {tensor.name: tensor for tensor in onnx.load(fp32, load_external_data=False).graph.initializer}
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    for name in sorted({node.input[1] for node in model.graph.node if node.op_type == "MatMulInteger"}):
        of = name.removesuffix(QUANTIZED)
        values, scale = exact_everywhere(_matrix(originals, of, fp32.parent))
        _replace(tensors[name], values)
        _replace(tensors[of + SCALE], scale)


def _matrix(originals: Mapping[str, TensorProto], name: str, folder: Path) -> Floats:
    transposed = name not in originals
    values = read_tensor(originals[name.removesuffix(_TRANSPOSED) if transposed else name], folder)
    return (values.T if transposed else values).astype(np.float32, copy=False)


def _replace(tensor: TensorProto, values: npt.NDArray[np.generic]) -> None:
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
