"""ONNX files are taken apart and put together without the package ``onnx``."""

from pathlib import Path

import numpy as np
import pytest
from linnet.bundle.opening import open_bundle
from linnet.inference.network import Network, Node, make_node, read_network


def parts(network: Network) -> tuple[object, ...]:
    return network.nodes, dict(network.constants), network.inputs, network.outputs, dict(network.shapes), network.around


@pytest.mark.parametrize("which", ["default", "tiny"])
def test_a_graph_is_read_as_it_was_written(which: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(which)
    network = read_network(open_bundle(folder).model)
    shape = ("batch_size", 3) if which == "default" else ("batch_size", "sequence_length", 32)
    assert parts(read_network(network.model(*shape))) == parts(network)
    assert network.nodes and network.constants and network.shapes


def test_onnx_reads_the_same(default: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    model = open_bundle(default).model
    written = read_network(model).model("batch_size", 3)
    assert onnx.load_from_string(written) == onnx.load_from_string(model)


def test_new_nodes_are_valid() -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    node = onnx.NodeProto.FromString(make_node("Transpose", ["a", ""], "b", axis=-1, perm=[0, 2, 1]).message)
    expected = onnx.helper.make_node("Transpose", ["a", ""], ["b"], name="b", perm=[0, 2, 1], axis=-1)
    assert node == expected


def test_constants_are_valid(default: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    network = read_network(open_bundle(default).model)
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    model = network.with_nodes([make_node("Identity", ["six"], "out")], {"six": values}).model(2, 3)
    found = onnx.load_from_string(model).graph
    (six,) = [tensor for tensor in found.initializer if tensor.name == "six"]
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(six), values)
    assert [output.name for output in found.output] == ["out"]


def test_what_a_value_does_not_need_is_left_out(default: Path) -> None:
    network = read_network(open_bundle(default).model)
    head = network.nodes[-1]
    before = network.up_to(head.inputs[0])
    assert before.outputs == (head.inputs[0],)
    assert before.nodes == network.nodes[:-1]
    assert set(network.constants) - set(before.constants) == set(head.inputs[1:])


def test_the_names_that_a_subgraph_reads_are_needed() -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    value = helper.make_tensor_value_info("inner", floats, [1])
    branch = helper.make_graph([helper.make_node("Neg", ["outer"], ["inner"])], "branch", [], [value])
    message = helper.make_node("If", ["condition"], ["out"], then_branch=branch, else_branch=branch).SerializeToString()
    assert Node("If", ("condition",), ("out",), message).reads >= {"condition", "outer"}


@pytest.mark.parametrize("model", [b"\xff", b"\x3a\x7f\x00"])
def test_what_is_no_model_is_refused(model: bytes) -> None:
    with pytest.raises(ValueError):
        read_network(model)
