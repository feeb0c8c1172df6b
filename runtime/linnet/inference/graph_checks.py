"""Checks that a graph takes what Linnet feeds it and gives what Linnet reads, before its first text."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy.typing as npt

from ..errors import BundleFormatError
from ..fields import shown
from ..names import ATTENTIONS, HIDDEN_STATES
from .graph import Graph
from .onnx_fields import GRAPH_NODE, MODEL_GRAPH, NODE_INPUT
from .protobuf import contents

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""The inputs that a graph may have; the first is required."""

_REST = ".rest_"
"""A part of the names of tables that have rows for some words only: embeddings in 4 bits hold these in more bits."""


class Declared(Protocol):
    """An input or output as onnxruntime describes it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def type(self) -> str:
        """Its type, such as ``tensor(int64)``."""

    @property
    def shape(self) -> Sequence[int | str | None]:
        """Its dimensions; one that is not fixed is a name or None."""


def check_signature(graph: Path, inputs: Sequence[Declared], outputs: Sequence[Declared]) -> None:
    """Checks the inputs, int64 (batch, seq), and the one output, float32 (batch, …).

    Raises:
        BundleFormatError: a name, a type or a shape is another.
    """
    _check_inputs(graph, inputs)
    if len(outputs) != 1:
        raise _unfit(graph, "one output", [declared.name for declared in outputs])
    (output,) = outputs
    if output.type != "tensor(float)" or (output.shape and isinstance(output.shape[0], int)):
        raise _unfit(graph, f"the output {shown(output.name)} to be float32 (batch, …) of any size", _kind(output))


def check_internals_signature(graph: Path, inputs: Sequence[Declared], outputs: Sequence[Declared]) -> None:
    """Checks the inputs, int64 (batch, seq), and the outputs, hidden states and attentions in float32.

    Raises:
        BundleFormatError: a name or a type is another.
    """
    _check_inputs(graph, inputs)
    found = {declared.name: declared.type for declared in outputs}
    if found != dict.fromkeys((HIDDEN_STATES, ATTENTIONS), "tensor(float)"):
        raise _unfit(graph, f"the outputs {HIDDEN_STATES} and {ATTENTIONS}, both float32", found)


def _check_inputs(graph: Path, inputs: Sequence[Declared]) -> None:
    names = [declared.name for declared in inputs]
    if INPUTS[0] not in names or not set(names) <= set(INPUTS):
        raise _unfit(graph, f"only the inputs {', '.join(INPUTS)}, and the first of them", names)
    for declared in inputs:
        dynamic = len(declared.shape) == 2 and not any(isinstance(size, int) for size in declared.shape)
        if declared.type != "tensor(int64)" or not dynamic:
            raise _unfit(graph, f"the input {declared.name} to be int64 (batch, seq) of any size", _kind(declared))


def check_tables(graph: Graph, *, words: int, positions: int) -> None:
    """Checks that the tables of words and positions have a row for each id and position; reads no weights.

    Raises:
        BundleFormatError: a table has fewer rows, or the model cannot be read.
    """
    try:
        tables = list(_tables(graph))
    except ValueError as error:
        raise BundleFormatError(f"{graph.name}: {error}; convert the checkpoint again") from None
    for name, rows in tables:
        least = 0 if _REST in name else words if "word" in name else positions if "position" in name else 0
        if rows < least:
            raise _unfit(graph.name, f"{least} rows in the table {shown(name)}, as config.json says", rows)


def check_output(graph: Path, output: npt.NDArray[Any], texts: int) -> None:
    """Checks that an output has a row for each text; a graph may give another shape than it declares.

    Raises:
        BundleFormatError: it has another shape.
    """
    if output.ndim < 2 or len(output) != texts:
        raise _unfit(graph, f"an output of {texts} rows", output.shape)


def check_internals(
    graph: Path, hidden_states: npt.NDArray[Any], attentions: npt.NDArray[Any], shape: tuple[int, ...]
) -> None:
    """Checks that hidden states and attentions have the same layers, and those of a batch's ``shape``, (batch, seq).

    Raises:
        BundleFormatError: they have other shapes.
    """
    texts, tokens = shape
    found = hidden_states.shape, attentions.shape
    layers, heads = attentions.shape[1:3] if attentions.ndim == 5 else (0, 0)
    expected = (texts, layers + 1, tokens, *hidden_states.shape[3:4]), (texts, layers, heads, tokens, tokens)
    if not layers or not heads or hidden_states.ndim != 4 or found != expected:
        what = f"{HIDDEN_STATES} and {ATTENTIONS} of {texts} texts of {tokens} tokens, and of the same layers"
        raise _unfit(graph, what, found)


def _tables(graph: Graph) -> Iterator[tuple[str, int]]:
    """Yields the names and the rows of tensors from which a node of the model gathers rows."""
    nodes = (node for content in contents(graph.model, MODEL_GRAPH) for node in contents(content, GRAPH_NODE))
    gathered = {next(contents(node, NODE_INPUT), b"").decode() for node in nodes if b"Gather" in node}
    for tensor in graph.listed:
        if tensor.name in gathered and len(tensor.shape) > 1:
            yield tensor.name, tensor.shape[0]


def _kind(declared: Declared) -> str:
    return f"{declared.type} {declared.shape}"


def _unfit(graph: Path, expected: str, found: object) -> BundleFormatError:
    return BundleFormatError(f"{graph}: expected {expected}, found {shown(found)}: convert the checkpoint again")
