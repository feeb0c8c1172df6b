"""Changes to an exported graph: what they do to its outcome, and to its weights."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from checkpoints import Converted
from linnet.inference.batching import Batch
from linnet.inference.graph import read_graph
from linnet.inference.session import Session
from linnet.tasks import CLASSIFICATION
from linnet_export.checkpoint.reading import read_checkpoint
from linnet_export.onnx_graph.exporting import export_graph
from linnet_export.onnx_graph.passes import map_unknown_ids
from onnx import TensorProto, helper

UNK = 3


def batch(*rows: list[int]) -> Batch:
    ids = np.array(rows, dtype=np.int64)
    return Batch(np.arange(len(rows)), ids)


@pytest.fixture
def graphs(roberta: Converted, tmp_path: Path) -> tuple[Path, Path, int]:
    """The graph as exported, the same with ids mapped, and the number of embeddings."""
    checkpoint = read_checkpoint(roberta.checkpoint)
    plain, mapped = (export_graph(checkpoint.model(), CLASSIFICATION, tmp_path / name) for name in ("plain", "mapped"))
    map_unknown_ids(mapped, vocab_size=checkpoint.config.vocab_size, unk_token_id=UNK)
    return plain, mapped, checkpoint.config.vocab_size


def test_ids_beyond_the_vocabulary_are_the_unknown_token(graphs: tuple[Path, Path, int]) -> None:
    plain, mapped, size = graphs
    beyond = batch([0, size, 20, size + 2000, 2], [0, 9, 5, 6, 2], [0, size - 1, 2**40, 7, 2])
    known = batch([0, UNK, 20, UNK, 2], [0, 9, 5, 6, 2], [0, size - 1, UNK, 7, 2])
    assert (Session(read_graph(mapped)).run(beyond) == Session(read_graph(plain)).run(known)).all()
    assert (Session(read_graph(mapped)).run(known) == Session(read_graph(plain)).run(known)).all()


def test_nothing_but_the_mapping_reads_the_ids(graphs: tuple[Path, Path, int]) -> None:
    plain, mapped = (onnx.load(graph) for graph in graphs[:2])
    readers = [node.op_type for node in mapped.graph.node if "input_ids" in node.input]
    assert readers == ["GreaterOrEqual", "Where"] == [node.op_type for node in mapped.graph.node[:2]]
    assert sum("input_ids" in node.input for node in plain.graph.node) > 1  # the embedding, and the positions
    assert [given.name for given in mapped.graph.input] == [given.name for given in plain.graph.input]
    onnx.checker.check_model(mapped, full_check=True)


def test_ids_that_are_mapped_already_are_not_mapped_again(graphs: tuple[Path, Path, int]) -> None:
    plain, mapped, size = graphs
    before = mapped.read_bytes()
    map_unknown_ids(mapped, vocab_size=size, unk_token_id=UNK)
    assert mapped.read_bytes() == before
    row = batch([0, size + 7, 2])
    assert (Session(read_graph(mapped)).run(row) == Session(read_graph(plain)).run(batch([0, UNK, 2]))).all()


def test_external_weights_stay_where_they_are(graphs: tuple[Path, Path, int], tmp_path: Path) -> None:
    plain, mapped, size = graphs
    graph, weights = tmp_path / "model.onnx", tmp_path / "model.onnx_data"
    onnx.save_model(onnx.load(plain), graph, save_as_external_data=True, location=weights.name, size_threshold=0)
    before = weights.read_bytes()
    map_unknown_ids(graph, vocab_size=size, unk_token_id=UNK)
    assert weights.read_bytes() == before and graph.stat().st_size < len(before)
    row = batch([0, size + 7, 2])
    assert (Session(read_graph(graph)).run(row) == Session(read_graph(mapped)).run(row)).all()


def test_graphs_within_the_graph_read_the_mapped_ids_too(tmp_path: Path) -> None:
    """Both branches of an ``If`` take the ids from around them."""
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "seq"])
    mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "seq"])
    outcome = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "seq"])
    branches = {
        f"{name}_branch": helper.make_graph(
            [helper.make_node("Cast", ["input_ids"], [name], to=TensorProto.FLOAT)],
            name,
            [],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "seq"])],
        )
        for name in ("then", "else")
    }
    nodes = [
        helper.make_node("ReduceSum", ["attention_mask"], ["sum"], keepdims=0),
        helper.make_node("Cast", ["sum"], ["condition"], to=TensorProto.BOOL),
        helper.make_node("If", ["condition"], ["logits"], **branches),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "nested", [ids, mask], [outcome]), opset_imports=[helper.make_opsetid("", 18)]
    )
    model.ir_version = 10
    onnx.save_model(model, tmp_path / "model.onnx")
    map_unknown_ids(tmp_path / "model.onnx", vocab_size=50, unk_token_id=UNK)
    assert Session(read_graph(tmp_path / "model.onnx")).run(batch([0, 49, 50, 60])).tolist() == [[0, 49, UNK, UNK]]


@pytest.mark.parametrize("unknown", [-1, 50])
def test_an_unknown_token_beyond_the_vocabulary_is_refused(unknown: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"below the vocab_size of 50, found {unknown}"):
        map_unknown_ids(tmp_path / "model.onnx", vocab_size=50, unk_token_id=unknown)
