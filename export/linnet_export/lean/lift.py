"""Exported graph → the weights of its encoder, found by the structure of the graph alone.

The result is not trusted: `int8.lean_model` compares its outputs with those of the exported graph.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from linnet.arrays import Floats
from onnx import NodeProto, ValueInfoProto

from linnet_export.lean.encoder import Embeddings, Encoder, Layer, Linear, Norm
from linnet_export.onnx_graph.reader import GraphReader

_GELU = ["Add", "Div", "Erf", "Mul", "Mul"]
"""The operators of an exported GELU, sorted: x · (1 + erf(x / √2)) / 2."""


class NotRecognisedError(Exception):
    """Raised for a graph without an encoder that `lift` knows; the message names the part that `lift` expected."""


@dataclass(frozen=True)
class Lifted:
    """An encoder, and the head that follows it in the graph."""

    encoder: Encoder
    """The weights of the encoder."""
    hidden: str
    """The name of the last layer's output, (batch, seq, dimension)."""
    first: str | None
    """The name of each text's first vector in it, (batch, dimension), if the head reads nothing else; else None."""
    head: tuple[NodeProto, ...]
    """The nodes after the encoder."""
    constants: dict[str, npt.NDArray[np.generic]]
    """The constants that the head reads, by name."""
    inputs: tuple[ValueInfoProto, ...]
    """The inputs of the graph."""
    outputs: tuple[ValueInfoProto, ...]
    """The outputs of the graph."""


def lift(file: Path, *, heads: int, padding_id: int | None) -> Lifted:
    """Reads an encoder of the BERT family from a graph that `exporting.export_graph` wrote.

    Args:
        file: the graph.
        heads: the number of attention heads of each layer.
        padding_id: the checkpoint's ``pad_token_id``.

    Raises:
        NotRecognisedError: the graph has no such encoder.
    """
    graph = GraphReader(file)
    norms = [node for node in graph.nodes if node.op_type == "LayerNormalization"]
    if len(norms) < 3 or len(norms) % 2 == 0:
        raise NotRecognisedError(f"expected one layer normalization, and two more per layer, found {len(norms)}")
    layers = []
    for before, attention, output in zip(norms[:-1:2], norms[1::2], norms[2::2], strict=True):
        layers.append(_layer(graph, before.output[0], attention, output, heads))
    encoder = Encoder(_embeddings(graph, norms[0], padding_id), tuple(layers))
    return _with_head(graph, encoder, norms[-1].output[0])


def _embeddings(graph: GraphReader, norm: NodeProto, padding_id: int | None) -> Embeddings:
    tables: dict[str, Floats] = {}
    for lookup in _summands(graph, norm.input[0]):
        if lookup.op_type != "Gather" or not graph.is_constant(lookup.input[0]):
            raise NotRecognisedError(f"expected the embeddings to be a sum of lookups, found {lookup.op_type}")
        kind = _kind(graph, lookup.input[1])
        if kind in tables:
            raise NotRecognisedError("expected one lookup of words, one of positions and one of types")
        tables[kind] = _floats(graph, lookup.input[0])
    counted = "counted" in tables
    positions = tables.get("counted" if counted else "constant")
    if "words" not in tables or positions is None or (counted and padding_id is None):
        raise NotRecognisedError("expected lookups of words and of positions")
    if counted and "constant" in tables:
        positions = positions + tables["constant"][0]  # every token has type 0
    return Embeddings(
        tables["words"], positions, tables.get("types"), _norm(graph, norm), padding_id if counted else None
    )


def _kind(graph: GraphReader, ids: str) -> str:
    """Returns the kind of ids that a table is indexed by: words, types, counted positions, or constant positions."""
    if ids == "input_ids":
        return "words"
    makers = list(graph.upstream(ids))
    if ids == "token_type_ids" or any("token_type_ids" in node.input for node in makers):
        return "types"
    return "counted" if any(node.op_type == "CumSum" for node in makers) else "constant"


def _layer(graph: GraphReader, hidden: str, attention_norm: NodeProto, output_norm: NodeProto, heads: int) -> Layer:
    attended, context = _linear(graph, _beside(graph, attention_norm.input[0], hidden))
    query, key, value = _attention(graph, context, hidden)
    middle = attention_norm.output[0]
    output, activated = _linear(graph, _beside(graph, output_norm.input[0], middle))
    activation, before = _activation(graph, activated)
    return Layer(
        heads=heads,
        query=query,
        key=key,
        value=value,
        attended=attended,
        attention_norm=_norm(graph, attention_norm),
        activation=activation,
        intermediate=_linear_of(graph, before, middle),
        output=output,
        output_norm=_norm(graph, output_norm),
    )


def _attention(graph: GraphReader, context: str, hidden: str) -> tuple[Linear, Linear, Linear]:
    """Returns Q, K and V of softmax(Q Kᵀ) V."""
    product = _nearest(graph, context, "MatMul")
    scores = _nearest(graph, _nearest(graph, product.input[0], "Softmax").input[0], "MatMul")
    query, key, value = (
        _linear_of(graph, _biased(graph, name), hidden) for name in (scores.input[0], scores.input[1], product.input[1])
    )
    return query, key, value


def _activation(graph: GraphReader, activated: str) -> tuple[str, str]:
    """Returns the activation operator that computes a value, and the name of the operator's input."""
    before = _biased(graph, activated)
    kinds = sorted(node.op_type for node in graph.upstream(activated, until=before))
    if kinds == _GELU or kinds == ["Gelu"]:
        return "Gelu", before
    if kinds == ["Relu"]:
        return "Relu", before
    raise NotRecognisedError(f"expected GELU or ReLU in the feed-forward, found {', '.join(kinds)}")


def _biased(graph: GraphReader, name: str) -> str:
    """Returns the nearest upstream value that is a product with a constant matrix plus a constant."""
    for node in graph.upstream(name):
        if node.op_type == "Add" and any(_is_product(graph, read) for read in node.input):
            return str(node.output[0])
    raise NotRecognisedError("expected a product with a constant matrix")


def _is_product(graph: GraphReader, name: str) -> bool:
    node = graph.maker(name)
    return node is not None and node.op_type == "MatMul" and graph.is_constant(node.input[1])


def _with_head(graph: GraphReader, encoder: Encoder, hidden: str) -> Lifted:
    head = graph.downstream(hidden)
    outputs = [output.name for output in graph.outputs]
    first = None
    readers = [node for node in head if hidden in node.input]
    if len(readers) == 1 and hidden not in outputs and _takes_first(graph, readers[0]):
        head.remove(readers[0])
        first = str(readers[0].output[0])
    made = {name for node in head for name in node.output} | {hidden, first, ""}
    read = {name for node in head for name in node.input} - made
    if not all(graph.is_constant(name) for name in read):
        raise NotRecognisedError("expected a head that reads only the last layer")
    constants = {name: graph.constant(name) for name in sorted(read)}
    return Lifted(encoder, hidden, first, tuple(head), constants, graph.inputs, graph.outputs)


def _takes_first(graph: GraphReader, node: NodeProto) -> bool:
    axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)
    index = node.input[1] if node.op_type == "Gather" and axis == 1 else ""
    return graph.is_constant(index) and np.array_equal(graph.constant(index), np.array(0))


def _summands(graph: GraphReader, name: str) -> list[NodeProto]:
    node = graph.maker(name)
    if node is None:
        raise NotRecognisedError(f"expected {name} to be computed")
    return [part for read in node.input for part in _summands(graph, read)] if node.op_type == "Add" else [node]


def _beside(graph: GraphReader, total: str, one: str) -> str:
    """Returns the summand of ``total`` that is not ``one``."""
    node = graph.maker(total)
    if node is None or node.op_type != "Add" or one not in node.input:
        raise NotRecognisedError("expected each layer's input to be added to its output")
    return next(str(name) for name in node.input if name != one)


def _linear_of(graph: GraphReader, name: str, expected: str) -> Linear:
    linear, read = _linear(graph, name)
    if read != expected:
        raise NotRecognisedError("expected all products of a layer to read the same hidden state")
    return linear


def _linear(graph: GraphReader, name: str) -> tuple[Linear, str]:
    """Returns the product with a constant matrix plus a constant that computes a value, and the name of its input."""
    addition = graph.maker(name)
    if addition is not None and addition.op_type == "Add":
        products = [graph.maker(read) for read in addition.input if _is_product(graph, read)]
        biases = [read for read in addition.input if graph.is_constant(read)]
        if len(products) == len(biases) == 1 and products[0] is not None:
            read, weight = products[0].input
            return Linear(_floats(graph, weight), _floats(graph, biases[0])), read
    raise NotRecognisedError("expected a product with a constant matrix plus a constant")


def _norm(graph: GraphReader, node: NodeProto) -> Norm:
    epsilon = next((attribute.f for attribute in node.attribute if attribute.name == "epsilon"), 1e-5)
    return Norm(_floats(graph, node.input[1]), _floats(graph, node.input[2]), epsilon)


def _nearest(graph: GraphReader, name: str, kind: str) -> NodeProto:
    for node in graph.upstream(name):
        if node.op_type == kind:
            return node
    raise NotRecognisedError(f"expected {kind} in the attention")


def _floats(graph: GraphReader, name: str) -> Floats:
    return graph.constant(name).astype(np.float32, copy=False)
