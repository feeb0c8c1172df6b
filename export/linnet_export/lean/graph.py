"""Encoder → the graph that Linnet runs, in fp32 or INT8: the same function with as little work as possible.

Each token is one row: the first token of every text, then the second of every text, and so on: (seq · batch,
dimension). The run time of an INT8 RoBERTa-base on one thread (AVX512-VNNI) with each choice, over that without:

- the last layer computed for the first token alone, if the head reads only that: 0.93;
- biases folded (`folding`): 0.97;
- rows ordered by position, so that attention's products read heads in place (`FusedMatMul`): 0.98 to 0.99;
- rows of two dimensions, and the bias before GELU as a matrix of one row, so that onnxruntime fuses neither
  `SkipLayerNormalization` (scalar: 1.2 with it) nor `BiasGelu` (1.02);
- one product for Q, K and V: 1.00, because the split after it costs as much as it saves. The graph uses three.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from linnet.names import ATTENTIONS, HIDDEN_STATES
from onnx import TensorProto, helper, numpy_helper

from linnet_export.lean.arithmetic import ANY, GELU, RELU, Arithmetic, Range, Rows
from linnet_export.lean.encoder import Embeddings, Encoder, Layer, Linear, Norm
from linnet_export.lean.lift import Lifted
from linnet_export.onnx_graph.builder import MICROSOFT, GraphBuilder
from linnet_export.onnx_graph.external import SharedWeights

_MASKED = -1e9  # its exponential is 0
_RANGES = {"Gelu": GELU, "Relu": RELU}


def write_lean(lifted: Lifted, file: Path, weights: str, arithmetic: Callable[[GraphBuilder], Arithmetic]) -> None:
    """Writes the graph of an encoder and its head, with the inputs and outputs of the original graph.

    Args:
        lifted: the encoder and its head.
        file: the graph to write.
        weights: the name of the weights file, in the same folder.
        arithmetic: `Exact` or `PerToken`.
    """
    graph = GraphBuilder(file, weights)
    add_lean(lifted, graph, arithmetic(graph))
    graph.save(lifted.inputs, lifted.outputs)


def write_internals(
    lifted: Lifted, file: Path, weights: SharedWeights, arithmetic: Callable[[GraphBuilder], Arithmetic]
) -> None:
    """Writes the graph of an encoder's hidden states and attentions, with the inputs of the original graph.

    The outputs are those of transformers' ``output_hidden_states`` and ``output_attentions``, stacked: float32
    `HIDDEN_STATES` (batch, layers + 1, seq, dimension) and `ATTENTIONS` (batch, layers, heads, seq, seq).

    Args:
        lifted: the encoder.
        file: the graph to write.
        weights: the tensors of the graph that `write_lean` wrote with the same arithmetic.
        arithmetic: `Exact` or `PerToken`.
    """
    graph = GraphBuilder(file, weights)
    _LeanGraph(graph, arithmetic(graph), lifted.encoder).write_internals()
    batch, seq = (size.dim_param for size in lifted.inputs[0].type.tensor_type.shape.dim)
    layers = lifted.encoder.layers
    shapes = {
        HIDDEN_STATES: [batch, len(layers) + 1, seq, lifted.encoder.embeddings.words.shape[1]],
        ATTENTIONS: [batch, len(layers), layers[0].heads, seq, seq],
    }
    graph.save(
        lifted.inputs, [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    )


def add_lean(lifted: Lifted, graph: GraphBuilder, arithmetic: Arithmetic) -> None:
    """Adds the nodes of an encoder and its head."""
    _LeanGraph(graph, arithmetic, lifted.encoder).write(lifted)
    for name, values in lifted.constants.items():
        graph.weight(name, values)
    graph.append(lifted.head)


class _LeanGraph:
    def __init__(self, graph: GraphBuilder, arithmetic: Arithmetic, encoder: Encoder) -> None:
        self._graph = graph
        self._arithmetic = arithmetic
        self._encoder = encoder
        self._dimension = encoder.embeddings.words.shape[1]
        self._ids = self._by_position("input_ids")
        self._shape = graph.node("Shape", self._ids)  # [seq, batch]
        self._batch = graph.node("Slice", self._shape, self._integers(1), self._integers(2))
        # The shapes for one scale per token, and for one per text:
        self._tokens = graph.node("Concat", graph.node("Shape", self._flat(self._ids)), self._integers(1), axis=0)
        self._texts = graph.node("Concat", self._batch, self._integers(1), axis=0)
        self._mask = self._mask_of("attention_mask")
        self._hidden_states: list[str] = []  # (seq · batch, dimension), as they are without equalization
        self._attentions: list[str] = []  # (batch, heads, seq, seq)

    def write(self, lifted: Lifted) -> None:
        """Adds the nodes of the encoder, up to the head's input."""
        name, norm, total = self._layers(first_alone=lifted.first is not None)
        if lifted.first is not None:
            self._norm(name, norm, total, output=lifted.first)
            return
        shape = self._graph.node("Concat", self._shape, self._integers(self._dimension), axis=0)
        hidden = self._graph.node("Reshape", self._norm(name, norm, total), shape)
        self._graph.node("Transpose", hidden, perm=[1, 0, 2], output=lifted.hidden)

    def write_internals(self) -> None:
        """Adds the nodes of the encoder for all tokens, and stacks the hidden states and the attentions."""
        graph = self._graph
        name, norm, total = self._layers(first_alone=False)
        last = self._restored(name, norm, self._norm(name, norm, total))
        states = graph.node("Concat", *self._hidden_states, last, axis=0)
        count = len(self._encoder.layers)
        shape = graph.node(
            "Concat", self._integers(count + 1), self._shape, self._integers(self._dimension), axis=0
        )  # [layers + 1, seq, batch, dimension]
        graph.node("Transpose", graph.node("Reshape", states, shape), perm=[2, 0, 1, 3], output=HIDDEN_STATES)
        heads = graph.node("Concat", *self._attentions, axis=1)
        seq = graph.node("Slice", self._shape, self._integers(0), self._integers(1))
        by_layer = self._integers(count, self._encoder.layers[0].heads)
        shape = graph.node("Concat", self._batch, by_layer, seq, seq, axis=0)
        graph.node("Reshape", heads, shape, output=ATTENTIONS)

    def _layers(self, *, first_alone: bool) -> tuple[str, Norm, str]:
        """Adds the embeddings and all layers; returns the last normalization, not added yet: name, weights and input.

        With ``first_alone``, computes the last layer for each text's first token alone.
        """
        embeddings = self._encoder.embeddings
        total = self._embeddings(embeddings)
        norm, name = embeddings.norm, "embeddings.norm"
        for number, layer in enumerate(self._encoder.layers):
            alone = first_alone and layer is self._encoder.layers[-1]
            total = self._layer(f"layer.{number}", layer, name, norm, total, alone)
            norm, name = layer.output_norm, f"layer.{number}.output_norm"
        return name, norm, total

    def _embeddings(self, embeddings: Embeddings) -> str:
        graph = self._graph
        words = self._arithmetic.lookup("embeddings.words", embeddings.words, self._flat(self._ids))
        positions = self._flat(self._positions(embeddings.padding_id))
        # The other tables are small, so they stay in fp32.
        table = graph.weight("embeddings.positions", embeddings.positions)
        total = graph.node("Add", words, graph.node("Gather", table, positions))
        if embeddings.types is None:
            return total
        types = self._flat(self._by_position("token_type_ids"))
        table = graph.weight("embeddings.types", embeddings.types)
        return graph.node("Add", total, graph.node("Gather", table, types))

    def _positions(self, padding_id: int | None) -> str:
        """Adds the position of each token: int64 (seq, batch)."""
        graph = self._graph
        axis = graph.constant(0, np.int64)
        if padding_id is None:
            ones = graph.node("ConstantOfShape", self._shape, value=numpy_helper.from_array(np.ones(1, np.int64)))
            return graph.node("CumSum", ones, axis, exclusive=1)
        padding = graph.constant(padding_id, np.int64)
        counted = graph.node("Cast", graph.node("Not", graph.node("Equal", self._ids, padding)), to=TensorProto.INT64)
        numbers = graph.node("Mul", graph.node("CumSum", counted, axis), counted)
        return graph.node("Add", numbers, padding)

    def _mask_of(self, name: str) -> str:
        """Adds the mask that is added to the attention scores: float32 (batch, 1, 1, seq)."""
        graph = self._graph
        hidden = graph.node("Equal", name, graph.constant(0, np.int64))
        added = graph.node("Mul", graph.node("Cast", hidden, to=TensorProto.FLOAT), graph.constant(_MASKED))
        return graph.node("Unsqueeze", added, self._integers(1, 2))

    def _layer(self, name: str, layer: Layer, before: str, norm: Norm, total: str, first_alone: bool) -> str:
        """Adds a layer up to the input of its last normalization, for all tokens or for each text's first token.

        The layer first normalizes ``total`` with ``norm``, whose weights are named ``before``.
        """
        hidden = self._norm(before, norm, total)
        read = asking = self._rows(layer.query, hidden, self._tokens)
        shape = self._tokens
        if first_alone:
            shape = self._texts
            hidden = self._graph.node("Slice", hidden, self._integers(0), self._batch, self._integers(0))
            asking = self._rows(layer.query, hidden, shape)
        context = self._rows(layer.attended, self._attention(name, layer, asking, read, first_alone), shape)
        attended = self._linear(f"{name}.attended", layer.attended, context)
        hidden = self._restored(before, norm, hidden)
        self._hidden_states.append(hidden)
        total = self._graph.node("Add", attended, hidden)
        before, norm = f"{name}.attention_norm", layer.attention_norm
        middle = self._norm(before, norm, total)
        rows = self._rows(layer.intermediate, middle, shape)
        activated = self._graph.node(layer.activation, self._linear(f"{name}.intermediate", layer.intermediate, rows))
        rows = self._rows(layer.output, activated, shape, _RANGES[layer.activation])
        output = self._linear(f"{name}.output", layer.output, rows)
        return self._graph.node("Add", output, self._restored(before, norm, middle))

    def _attention(self, name: str, layer: Layer, asking: Rows, rows: Rows, first_alone: bool) -> str:
        """Adds softmax(Q Kᵀ / √d) V: float32 (rows of ``asking``, dimension)."""
        graph = self._graph
        size = self._dimension // layer.heads
        heads = graph.node("Concat", self._shape, self._integers(layer.heads, size), axis=0)
        asked = self._integers(1, -1, layer.heads, size) if first_alone else heads
        query = graph.node("Reshape", self._linear(f"{name}.query", layer.query, asking), asked)
        key = graph.node("Reshape", self._linear(f"{name}.key", layer.key, rows), heads)
        value = graph.node("Reshape", self._linear(f"{name}.value", layer.value, rows), heads)
        scores = self._product(query, key, transBatchA=1, transBatchB=1, transB=1, alpha=size**-0.5)
        weights = graph.node("Softmax", graph.node("Add", scores, self._mask), axis=-1)
        self._attentions.append(weights)
        context = self._product(weights, value, transBatchB=1)  # (batch, heads, asked, size)
        return graph.node(
            "Reshape", graph.node("Transpose", context, perm=[2, 0, 1, 3]), self._integers(-1, self._dimension)
        )

    def _rows(self, linear: Linear, values: str, shape: str, within: Range = ANY) -> Rows:
        return self._arithmetic.rows(values, len(linear.weight), shape=shape, within=within)

    def _product(self, left: str, right: str, **attributes: Any) -> str:
        return self._graph.node("FusedMatMul", left, right, domain=MICROSOFT, **attributes)

    def _linear(self, name: str, linear: Linear, rows: Rows) -> str:
        product = self._arithmetic.product(rows, name, linear.weight)
        if not linear.bias.any():
            return product
        return self._graph.node("Add", product, self._graph.weight(f"{name}.bias", linear.bias[np.newaxis]))

    def _norm(self, name: str, norm: Norm, values: str, output: str | None = None) -> str:
        weight = self._graph.weight(f"{name}.weight", norm.weight)
        bias = self._graph.weight(f"{name}.bias", norm.bias)
        return self._graph.node("LayerNormalization", values, weight, bias, output=output, epsilon=norm.epsilon)

    def _restored(self, name: str, norm: Norm, values: str) -> str:
        if norm.restored is None:
            return values
        return self._graph.node("Mul", values, self._graph.weight(f"{name}.restored", norm.restored))

    def _by_position(self, name: str) -> str:
        """Adds the transposed input: (seq, batch)."""
        return self._graph.node("Transpose", name, perm=[1, 0])

    def _flat(self, values: str) -> str:
        return self._graph.node("Reshape", values, self._integers(-1))

    def _integers(self, *values: int) -> str:
        return self._graph.constant(values, np.int64)
