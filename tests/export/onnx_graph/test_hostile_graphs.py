"""Bundles whose graph takes or gives something else than declared: refused by `load`, or at the first text."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import linnet
import onnx
import pytest
from linnet.bundle.opening import default_bundle
from linnet.errors import BundleFormatError
from linnet.names import GRAPH, MANIFEST
from onnx import TensorProto, helper

Change = Callable[[onnx.GraphProto], None]


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[Change], Path]:
    """Makes a copy of the default bundle with a changed graph, and a manifest that lists it."""

    def changed(change: Change) -> Path:
        bundle = Path(shutil.copytree(default_bundle(), tmp_path / "bundle"))
        model = onnx.load(bundle / GRAPH, load_external_data=False)
        change(model.graph)
        content = model.SerializeToString()
        (bundle / GRAPH).write_bytes(content)
        manifest = json.loads((bundle / MANIFEST).read_bytes())
        record = next(file for file in manifest["files"] if file["path"] == GRAPH)
        record.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
        (bundle / MANIFEST).write_text(json.dumps(manifest))
        return bundle

    return changed


def no_output(graph: onnx.GraphProto) -> None:
    del graph.output[:]


def another_output(graph: onnx.GraphProto) -> None:
    graph.output.append(helper.make_tensor_value_info(graph.node[0].output[0], TensorProto.INT64, None))


def a_cast(to: int) -> Change:
    """The input has another type, which the graph casts."""

    def change(graph: onnx.GraphProto) -> None:
        for node in graph.node:
            for index, name in enumerate(node.input):
                if name == "input_ids":
                    node.input[index] = "cast"
        graph.node.insert(0, helper.make_node("Cast", ["input_ids"], ["cast"], to=TensorProto.INT64))
        graph.input[0].type.tensor_type.elem_type = to

    return change


def fixed(*sizes: int) -> Change:
    def change(graph: onnx.GraphProto) -> None:
        for dimension, size in zip(graph.input[0].type.tensor_type.shape.dim, sizes, strict=False):
            dimension.dim_value = size

    return change


def an_input_more(graph: onnx.GraphProto) -> None:
    graph.input.append(helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch"]))


def an_input_less(graph: onnx.GraphProto) -> None:
    graph.input[0].name = "ids"


def another_rank(graph: onnx.GraphProto) -> None:
    """The logits have a dimension more than declared."""
    graph.initializer.append(helper.make_tensor("last", TensorProto.INT64, [1], [2]))
    for node in graph.node:
        if node.output[0] == "logits":
            node.output[0] = "flat"
    graph.node.append(helper.make_node("Unsqueeze", ["flat", "last"], ["logits"]))


def a_smaller_table(graph: onnx.GraphProto) -> None:
    for tensor in graph.initializer:
        if tensor.name == "embeddings.positions":
            tensor.dims[0] -= 1


@pytest.mark.parametrize(
    "change",
    [
        *(no_output, another_output, an_input_more, an_input_less, another_rank, a_smaller_table),
        *(a_cast(TensorProto.INT32), a_cast(TensorProto.FLOAT)),
        *(fixed(1), fixed(1, 128)),
    ],
)
def test_a_graph_that_linnet_does_not_write_is_refused_at_load(
    changed: Callable[[Change], Path], change: Change
) -> None:
    bundle = changed(change)
    with pytest.raises(BundleFormatError, match=str(bundle)):
        linnet.load(bundle)


def test_a_graph_that_is_only_written_anew_loads(changed: Callable[[Change], Path]) -> None:
    assert linnet.load(changed(lambda graph: None))
