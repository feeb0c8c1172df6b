"""Changes finished ONNX graphs: maps unknown ids to ``unk_token_id``, and declares shapes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, GraphProto, TensorProto, helper

from linnet_export.onnx_graph.running import Running

_IDS, _KNOWN = "input_ids", "linnet_known_input_ids"


def map_unknown_ids(graph: Path, *, vocab_size: int, unk_token_id: int) -> None:
    """Inserts ``Where(input_ids >= vocab_size, unk_token_id, input_ids)`` at the start of the graph, in place.

    Every node that read ``input_ids`` reads the result instead. Weights in external data stay unchanged.

    Args:
        graph: an ONNX file with the int64 input ``input_ids``.
        vocab_size: the number of embeddings; ids from here on have none.
        unk_token_id: the id that replaces them, below ``vocab_size``.
    """
    if not 0 <= unk_token_id < vocab_size:
        raise ValueError(f"expected unk_token_id below the vocab_size of {vocab_size}, found {unk_token_id}")
    model = onnx.load(graph, load_external_data=False)
    if any(_KNOWN in node.output for node in model.graph.node):
        return  # a second mapping would read its own output
    for part in _graphs(model.graph):
        for node in part.node:
            node.input[:] = [_KNOWN if name == _IDS else name for name in node.input]
    constants = {"linnet_vocab_size": vocab_size, "linnet_unk_token_id": unk_token_id}
    model.graph.initializer.extend(
        helper.make_tensor(name, TensorProto.INT64, (), [value]) for name, value in constants.items()
    )
    size, unknown = constants
    beyond = "linnet_ids_beyond"
    mapping = [
        helper.make_node("GreaterOrEqual", [_IDS, size], [beyond], name="/linnet/GreaterOrEqual"),
        helper.make_node("Where", [beyond, unknown, _IDS], [_KNOWN], name="/linnet/Where"),
    ]
    nodes = [*mapping, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save_model(model, graph)


def declare_shapes(graph: Path) -> None:
    """Declares the shape of every value in the graph, in place; measures the shapes in two runs.

    Without them, onnxruntime infers shapes at load time. For dimensions without names, that takes time that grows with
    the square of the number of nodes: 85 of the 160 ms that a RoBERTa-base takes to load, 15 with names.

    Args:
        graph: an ONNX file with the inputs of an encoder, and no subgraphs.
    """
    model = onnx.load(graph, load_external_data=False)
    given = {output.name for output in model.graph.output}
    names = [name for node in model.graph.node for name in node.output if name not in given]
    observed = graph.with_suffix(".observed.onnx")
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    onnx.save_model(model, observed)
    running = Running(observed)
    first, second = (running.batch(np.zeros(size, dtype=np.int64)) for size in _SIZES)
    observed.unlink()
    known = len(given)
    del model.graph.output[known:]
    for name, one, other in zip(names, first[known:], second[known:], strict=True):
        shape = [_dimension(sizes) for sizes in zip(one.shape, other.shape, strict=True)]
        model.graph.value_info.append(
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(one.dtype), shape)
        )
    onnx.save_model(model, graph)


_SIZES = (2, 3), (5, 2)
"""The (batch, seq) of two runs, chosen so that the sizes of a dimension identify it."""

_NAMES = {(2, 5): "batch", (3, 2): "seq", (6, 10): "tokens"}


def _dimension(sizes: tuple[int, int]) -> int | str | None:
    """Returns the size or name of a dimension that had these sizes in the two runs; None if unknown."""
    return sizes[0] if sizes[0] == sizes[1] else _NAMES.get(sizes)


def _graphs(graph: GraphProto) -> Iterator[GraphProto]:
    """Yields the graph and its subgraphs."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from _graphs(attribute.g)
            for inner in attribute.graphs:
                yield from _graphs(inner)
