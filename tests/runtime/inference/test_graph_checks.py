"""Graphs that do not take what Linnet feeds them, or do not give what it reads."""

from dataclasses import dataclass
from pathlib import Path

import linnet
import numpy as np
import pytest
from linnet.errors import BundleFormatError
from linnet.inference.graph import Graph, read_graph
from linnet.inference.graph_checks import (
    check_internals,
    check_internals_signature,
    check_output,
    check_signature,
    check_tables,
)
from linnet.inference.protobuf import as_varint, delimited, numbered
from linnet.names import GRAPH

NAME = Path("model.onnx")


@dataclass
class Named:
    name: str
    type: str = "tensor(int64)"
    shape: tuple[int | str | None, ...] = ("batch", "seq")


IDS, LOGITS = Named("input_ids"), Named("logits", "tensor(float)", ("batch", 3))


@pytest.mark.parametrize("shape", [("batch", 3), (None, None), ("batch", "seq", 32), ()])
def test_what_linnet_writes_is_taken(shape: tuple[int | str | None, ...]) -> None:
    inputs = [IDS, Named("attention_mask"), Named("token_type_ids", shape=(None, None))]
    check_signature(NAME, inputs, [Named("logits", "tensor(float)", shape)])


@pytest.mark.parametrize(
    ("inputs", "outputs", "told"),
    [
        ([IDS], [], "one output"),
        ([IDS], [LOGITS, LOGITS], "one output"),
        ([IDS], [Named("logits", "tensor(int64)")], "float32"),
        ([IDS], [Named("logits", "seq(tensor(float))", ())], "float32"),
        ([IDS], [Named("logits", "tensor(float)", (1, 3))], "of any size"),
        ([], [LOGITS], "input_ids"),
        ([Named("attention_mask")], [LOGITS], "input_ids"),
        ([IDS, Named("pixels")], [LOGITS], "pixels"),
        ([Named("input_ids", "tensor(int32)")], [LOGITS], "tensor.int32"),
        ([Named("input_ids", "tensor(float)")], [LOGITS], "tensor.float"),
        ([Named("input_ids", shape=(1, 128))], [LOGITS], "of any size"),
        ([Named("input_ids", shape=("batch", 128))], [LOGITS], "of any size"),
        ([Named("input_ids", shape=("batch",))], [LOGITS], "batch, seq"),
        ([Named("input_ids", shape=("batch", "seq", "more"))], [LOGITS], "batch, seq"),
        ([IDS, Named("attention_mask", shape=())], [LOGITS], "attention_mask"),
        ([IDS, Named("a" * 10_000)], [Named("b" * 10_000)], "only the inputs"),
    ],
)
def test_other_inputs_and_outputs_are_refused(inputs: list[Named], outputs: list[Named], told: str) -> None:
    with pytest.raises(BundleFormatError, match=told) as caught:
        check_signature(NAME, inputs, outputs)
    assert "convert the checkpoint again" in str(caught.value)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("shape", [(), (4,), (3, 2), (1, 4, 2)])
def test_an_output_without_a_row_for_each_text_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BundleFormatError, match="4 rows"):
        check_output(NAME, np.zeros(shape, np.float32), 4)
    check_output(NAME, np.zeros((4, 3), np.float32), 4)


def test_tables_have_a_row_for_each_id_and_position(default: Path) -> None:
    graph = read_graph(default / GRAPH)
    check_tables(graph, words=30522, positions=512)
    with pytest.raises(BundleFormatError, match=r"30523 rows in the table 'embeddings\.words_quantized'"):
        check_tables(graph, words=30523, positions=512)
    with pytest.raises(BundleFormatError, match=r"513 rows in the table 'embeddings\.positions'"):
        check_tables(graph, words=30522, positions=513)


@pytest.mark.parametrize("external", [True, False])
def test_a_tensor_of_many_dimensions_is_refused(external: bool) -> None:
    name, large = b"words", as_varint(1 << 62)
    place = delimited(13, delimited(1, b"location") + delimited(2, b"w")) if external else b""
    tensor = delimited(1, large * 1000) + numbered(2, 1) + delimited(8, name) + place
    gather = delimited(1, delimited(1, name) + delimited(4, b"Gather"))
    graph = Graph(NAME, delimited(7, gather + delimited(5, tensor)), {})
    with pytest.raises(BundleFormatError, match=r"at most 8 dimensions of .*, found 1000;"):
        list(graph.tensors()) if external else check_tables(graph, words=1, positions=1)


def test_a_config_with_more_ids_or_positions_than_the_graph_is_refused(bundle_copy: Path, rewrite_json: object) -> None:
    assert callable(rewrite_json)
    for key, value in (("vocab_size", 30523), ("max_position_embeddings", 513)):
        rewrite_json(bundle_copy, "config.json", **{key: value})
        with pytest.raises(BundleFormatError, match=f"{value} rows in the table"):
            linnet.load(bundle_copy)
        rewrite_json(bundle_copy, "config.json", vocab_size=30522, max_position_embeddings=512)
    assert linnet.load(bundle_copy)


@pytest.mark.parametrize("model", [b"\xff" * 100, b"\x3a\xff\xff\xff\xff\x0f", b"\x3a\x02\x2a\x7f"])
def test_a_model_that_cannot_be_read_is_refused(model: bytes) -> None:
    with pytest.raises(BundleFormatError, match="convert the checkpoint again"):
        check_tables(Graph(NAME, model, {}), words=1, positions=1)


HIDDEN, ATTENTIONS = Named("hidden_states", "tensor(float)"), Named("attentions", "tensor(float)")


@pytest.mark.parametrize(
    ("inputs", "outputs", "told"),
    [
        ([IDS], [HIDDEN], "hidden_states and attentions"),
        ([IDS], [HIDDEN, ATTENTIONS, LOGITS], "hidden_states and attentions"),
        ([IDS], [HIDDEN, Named("attentions", "tensor(int64)")], "float32"),
        ([Named("pixels")], [HIDDEN, ATTENTIONS], "input_ids"),
    ],
)
def test_other_internals_are_refused(inputs: list[Named], outputs: list[Named], told: str) -> None:
    check_internals_signature(NAME, [IDS], [ATTENTIONS, HIDDEN])
    with pytest.raises(BundleFormatError, match=told):
        check_internals_signature(NAME, inputs, outputs)


@pytest.mark.parametrize(
    ("hidden_states", "attentions"),
    [
        ((1, 3, 5, 8), (1, 2, 4, 5, 6)),
        ((1, 3, 5, 8), (1, 3, 4, 5, 5)),
        ((1, 3, 4, 8), (1, 2, 4, 5, 5)),
        ((2, 3, 5, 8), (1, 2, 4, 5, 5)),
        ((1, 3, 5), (1, 2, 4, 5, 5)),
        ((1, 3, 5, 8), (1, 2, 5, 5)),
        ((1, 1, 5, 8), (1, 0, 4, 5, 5)),
        ((1, 3, 5, 8), (1, 2, 0, 5, 5)),
    ],
)
def test_internals_of_other_shapes_are_refused(hidden_states: tuple[int, ...], attentions: tuple[int, ...]) -> None:
    check_internals(NAME, np.zeros((1, 3, 5, 8)), np.zeros((1, 2, 4, 5, 5)), (1, 5))
    with pytest.raises(BundleFormatError, match="of 1 texts of 5 tokens, and of the same layers"):
        check_internals(NAME, np.zeros(hidden_states), np.zeros(attentions), (1, 5))
