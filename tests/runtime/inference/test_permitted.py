"""Graphs that are more than operators: refused before onnxruntime sees them, and before any file is opened."""

import time
from collections.abc import Callable
from pathlib import Path

import linnet
import pytest
from linnet.errors import BundleFormatError
from linnet.inference.permitted import MOST_FIELDS, check_permitted
from linnet.inference.protobuf import delimited, numbered
from linnet.names import GRAPH

NAME = Path("model.onnx")
MODEL_GRAPH, NODE, INITIALIZER = 7, 1, 5

Rewrite = Callable[[Path, str, bytes], None]


def node(kind: str, *parts: bytes, inputs: tuple[str, ...] = ("a",), output: str = "b", domain: str = "") -> bytes:
    named = b"".join(delimited(1, name.encode()) for name in inputs)
    return delimited(NODE, named + delimited(2, output.encode()) + delimited(4, kind.encode())
                     + (delimited(7, domain.encode()) if domain else b"") + b"".join(parts))  # fmt: skip


def attribute(*parts: bytes) -> bytes:
    return delimited(5, delimited(1, b"value") + b"".join(parts))


def tensor(name: str, *sizes: int) -> bytes:
    return delimited(INITIALIZER, b"".join(numbered(1, size) for size in sizes) + delimited(8, name.encode()))


def elsewhere(path: bytes) -> bytes:
    place = delimited(13, delimited(1, b"location") + delimited(2, path))
    return numbered(1, 1) + numbered(2, 1) + place + numbered(14, 1)


def model(*parts: bytes, around: bytes = b"") -> bytes:
    return numbered(1, 10) + around + delimited(MODEL_GRAPH, b"".join(parts))


GRAPH_IN_NODE = delimited(6, node("Add"))
DOUBLING = b"".join(
    node("Concat", inputs=(f"c{number}", f"c{number}"), output=f"c{number + 1}") for number in range(60)
)

HOSTILE = {
    "a loop": (model(node("Loop", attribute(GRAPH_IN_NODE))), "graph within a node"),
    "a loop by name": (model(node("Loop")), "'Loop'"),
    "a scan": (model(node("Scan")), "'Scan'"),
    "a choice": (model(node("If", attribute(GRAPH_IN_NODE))), "graph within a node"),
    "graphs": (model(node("Add", attribute(delimited(11, node("Add"))))), "graphs within a node"),
    "a custom domain": (model(node("Add", domain="com.example")), "'com.example:Add'"),
    "Python": (model(node("PyOp", domain="ai.onnx.contrib")), "PyOp"),
    "an operator that reads files": (model(node("ReadFile", domain="com.microsoft")), "ReadFile"),
    "random numbers": (model(node("RandomNormal")), "RandomNormal"),
    "strings": (model(node("StringNormalizer")), "StringNormalizer"),
    "a function": (model(node("Add"), around=delimited(25, delimited(1, b"f"))), "field 25"),
    "training": (model(node("Add"), around=delimited(20, b"")), "field 20"),
    "a function's overload": (model(node("Add", delimited(8, b"f"))), "calls one"),
    "two graphs": (model() + model(), "one graph, found 2"),
    "no graph": (numbered(1, 10), "one graph, found 0"),
    "a sparse tensor": (model(delimited(15, b"")), "sparse"),
    "a sparse attribute": (model(node("Add", attribute(delimited(22, b"")))), "sparse"),
    "a node's tensor elsewhere": (
        model(node("Constant", attribute(delimited(5, elsewhere(b"/etc/passwd"))), inputs=())), "another file",
    ),
    "a node's tensor beside": (
        model(node("Constant", attribute(delimited(10, numbered(14, 1))), inputs=())), "another file",
    ),
    "one name twice": (model(tensor("a", 1), tensor("a", 2)), "'a' twice"),
    "an absurd shape": (model(tensor("a", 1 << 40, 1 << 40)), "a larger one"),
    "a shape that wraps round": (model(tensor("a", 1 << 63, 2)), "a larger one"),
    "constants that grow": (model(tensor("a", 2), node("ConstantOfShape")), "ConstantOfShape"),
    "a range": (model(tensor("a"), node("Range", inputs=("a", "a", "a"))), "Range"),
    "constants that double": (model(tensor("c0", 1), DOUBLING), "Concat"),
    "a product of vectors": (model(tensor("a", 1 << 20, 1), tensor("b", 1, 1 << 20), node("MatMul", inputs=("a", "b"),
                                                                                         output="c")), "MatMul"),
    "many fields": (model(tensor("a", 1) + numbered(10, 1) * MOST_FIELDS), "fields, found more"),
    "garbage": (b"\xff" * 100, "expected a number"),
    "nothing": (b"", "one graph"),
    "no UTF-8": (model(node("Add", delimited(3, b"n"), inputs=("a",)) + delimited(NODE, delimited(4, b"\xff"))), "utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_more_than_operators_is_refused(name: str) -> None:
    content, told = HOSTILE[name]
    with pytest.raises(BundleFormatError, match=told) as caught:
        check_permitted(NAME, content)
    assert len(str(caught.value)) < 1000
    assert "do not use this bundle" in str(caught.value)


@pytest.mark.parametrize(
    "parts",
    [
        [tensor("a", 3), node("Cast")],
        [tensor("a", 2), tensor("b", 2), node("Concat", inputs=("a", "b"), output="c")],
        [node("ConstantOfShape", inputs=("input_ids",))],
        [node("MatMulIntegerToFloat", domain="com.microsoft", inputs=("input_ids",))],
        [node("Constant", attribute(delimited(5, numbered(1, 2) + delimited(9, b"ab"))), inputs=())],
    ],
)
def test_operators_and_small_constants_are_permitted(parts: list[bytes]) -> None:
    check_permitted(NAME, model(*parts))


def test_a_graph_as_large_as_a_file_may_be_is_refused_in_time() -> None:
    content = model(numbered(10, 1) * (24 << 20))
    start = time.process_time()
    with pytest.raises(BundleFormatError, match="fields"):
        check_permitted(NAME, content)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("part", [node("Loop"), node("Constant", attribute(delimited(5, elsewhere(b"/etc/passwd"))))])
def test_a_bundle_with_such_a_graph_is_refused(bundle_copy: Path, rewrite: Rewrite, part: bytes) -> None:
    rewrite(bundle_copy, GRAPH, (bundle_copy / GRAPH).read_bytes() + delimited(MODEL_GRAPH, part))
    with pytest.raises(BundleFormatError, match="one graph, found 2"):
        linnet.load(bundle_copy)
    rewrite(bundle_copy, GRAPH, model(part))
    with pytest.raises(BundleFormatError, match=r"model_quantized\.onnx: expected"):
        linnet.load(bundle_copy)


def test_what_linnet_writes_is_permitted(default: Path, tiny: Path) -> None:
    for bundle in (default, tiny):
        check_permitted(NAME, (bundle / GRAPH).read_bytes())
