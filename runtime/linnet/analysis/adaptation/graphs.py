"""A bundle's graph → a graph of its texts' features → a graph with a new head on these features.

A classifier's features are what its head multiplies by a matrix: its last product with a constant. An embedding model's
are its texts' vectors, pooled and normalised as the bundle says, here by nodes of the graph, so that every loader of the
new bundle computes them.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ...arrays import Floats
from ...bundle.settings import EmbeddingSettings
from ...errors import InputError
from ...inference.network import Network, Node, make_node, read_network
from ...inference.onnx_fields import BOOL, FLOAT

LOGITS = "logits"
_BATCH = "batch_size"  # as optimum names it

_PRODUCTS = ("Gemm", "MatMul", "MatMulInteger", "MatMulIntegerToFloat", "FusedMatMul")
_AROUND = ("Add", "Mul", "Cast", "Identity")
"""Operators that scale a product or add a bias to it."""
_QUANTIZERS = ("DynamicQuantizeLinear", "QuantizeLinear")
_NODES_OF_A_HEAD = 12

_NAME = "linnet/adapted/"
"""The prefix of the names of new nodes and constants."""
_LEAST = np.float32(np.finfo(np.float32).min)


def features_of_classifier(model: bytes) -> Network:
    """Returns what computes the features that a classifier's head reads: float32 (batch, features).

    Raises:
        InputError: the graph does not end in a product of features with a constant matrix.
    """
    network = read_network(model)
    products = list(_products(network, network.outputs[0], _NODES_OF_A_HEAD))
    if len(products) != 1:
        raise _unknown_head(network)
    (product,) = products
    quantizer = network.maker(product.inputs[0])
    quantized = quantizer is not None and quantizer.kind in _QUANTIZERS
    return network.up_to(quantizer.inputs[0] if quantizer and quantized else product.inputs[0])


def features_of_embedder(model: bytes, settings: EmbeddingSettings) -> Network:
    """Returns what computes the texts' vectors of an embedding model: float32 (batch, dimension)."""
    network = read_network(model)
    hidden = network.outputs[0]
    nodes = list(_POOLINGS[settings.pooling](hidden))
    if settings.normalize:
        nodes.append(make_node("LpNormalization", [nodes[-1].outputs[0]], f"{_NAME}normalized", axis=-1, p=2))
    constants = {name: values for name, values in _CONSTANTS.items() if any(name in node.inputs for node in nodes)}
    return network.up_to(hidden).with_nodes(nodes, constants)


def features_model(features: Network) -> bytes:
    """Returns the content of an ONNX file whose output are the features."""
    return features.model()


def with_head(features: Network, weights: Floats, bias: Floats) -> bytes:
    """Returns the content of an ONNX file whose output are the logits ``features @ weights.T + bias``.

    Args:
        features: what computes the features.
        weights: float32 (labels, features).
        bias: float32 (labels,).
    """
    constants = {f"{_NAME}weights": weights.astype(np.float32), f"{_NAME}bias": bias.astype(np.float32)}
    head = make_node("Gemm", [*features.outputs, *constants], LOGITS, transB=1)
    return features.with_nodes([head], constants).model(_BATCH, len(bias))


def _products(network: Network, value: str, most: int) -> Iterator[Node]:
    """Yields the products with a constant matrix that a value is a scaled sum of."""
    node = network.maker(value)
    if node is None or not most:
        return
    if node.kind in _PRODUCTS and network.is_constant(node.inputs[1]):
        yield node
    elif node.kind in _AROUND:
        for name in node.inputs:
            yield from _products(network, name, most - 1)


def _unknown_head(network: Network) -> InputError:
    kinds = ", ".join(node.kind for node in network.nodes[-6:])
    return InputError(
        "expected a graph that ends in a product of features with a constant matrix, as a linear head does, found one "
        f"that ends in {kinds}; adapt another bundle, such as one for embeddings"
    )


def _mean(hidden: str) -> Iterator[Node]:
    """Yields the mean over the tokens that the mask keeps, as a product, whose sum does not depend on the batch."""
    yield make_node("Cast", ["attention_mask"], f"{_NAME}mask", to=FLOAT)
    yield make_node("Unsqueeze", [f"{_NAME}mask", f"{_NAME}1"], f"{_NAME}row")
    yield make_node("MatMul", [f"{_NAME}row", hidden], f"{_NAME}sum")
    yield make_node("ReduceSum", [f"{_NAME}row", f"{_NAME}2"], f"{_NAME}count")
    yield make_node("Div", [f"{_NAME}sum", f"{_NAME}count"], f"{_NAME}mean")
    yield make_node("Squeeze", [f"{_NAME}mean", f"{_NAME}1"], f"{_NAME}pooled")


def _first(hidden: str) -> Iterator[Node]:
    yield make_node("Gather", [hidden, f"{_NAME}0"], f"{_NAME}pooled", axis=1)


def _greatest(hidden: str) -> Iterator[Node]:
    """Yields the greatest value among the tokens that the mask keeps."""
    yield make_node("Cast", ["attention_mask"], f"{_NAME}mask", to=BOOL)
    yield make_node("Unsqueeze", [f"{_NAME}mask", f"{_NAME}2"], f"{_NAME}column")
    yield make_node("Where", [f"{_NAME}column", hidden, f"{_NAME}least"], f"{_NAME}kept")
    yield make_node("ReduceMax", [f"{_NAME}kept", f"{_NAME}1"], f"{_NAME}pooled", keepdims=0)


_POOLINGS = {"mean": _mean, "cls": _first, "max": _greatest}
_CONSTANTS: dict[str, npt.NDArray[np.generic]] = {
    f"{_NAME}0": np.array(0, np.int64),
    f"{_NAME}1": np.array([1], np.int64),
    f"{_NAME}2": np.array([2], np.int64),
    f"{_NAME}least": np.array(_LEAST, np.float32),
}
