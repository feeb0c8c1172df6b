"""What is changed in an exported graph before it is quantized."""

from collections.abc import Iterator
from pathlib import Path

import onnx
from onnx import AttributeProto, GraphProto, TensorProto, helper

_IDS, _KNOWN = "input_ids", "linnet_known_input_ids"


def map_unknown_ids(graph: Path, *, vocab_size: int, unk_token_id: int) -> None:
    """Has the graph begin with ``Where(input_ids >= vocab_size, unk_token_id, input_ids)``, in place.

    Whatever read ``input_ids`` reads the outcome. Weights that are external data stay where they are.

    Args:
        graph: an ONNX file with the int64 input ``input_ids``.
        vocab_size: how many embeddings there are; ids from here on have none.
        unk_token_id: the id that they stand for, below ``vocab_size``.
    """
    if not 0 <= unk_token_id < vocab_size:
        raise ValueError(f"expected unk_token_id below the vocab_size of {vocab_size}, found {unk_token_id}")
    model = onnx.load(graph, load_external_data=False)
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


def _graphs(graph: GraphProto) -> Iterator[GraphProto]:
    """The graph, and those within its nodes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from _graphs(attribute.g)
            for inner in attribute.graphs:
                yield from _graphs(inner)
