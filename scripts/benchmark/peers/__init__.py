"""The peers: a module each, with ``prepare`` to convert a checkpoint, and ``Peer`` to run the result.

A module imports its libraries only inside ``prepare`` and ``Peer``: their import time is part of the first answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # scripts/bench --help runs without numpy
    from benchmark.batches import Floats

SLIM, FULL = "slim", "full"
"""The environments: linnet's dependencies alone, and all the peers."""

CLASSIFICATION, EMBEDDING = "text-classification", "feature-extraction"
"""The tasks: a text's answer is its scores, or its vector."""

_SORTED = ("sorted:512", "sorted:1024", "sorted:4096")


class Peer(Protocol):
    """Runs a converted checkpoint. ``mode`` is one of its `Row`'s."""

    def __init__(self, folder: str, threads: int) -> None: ...

    def one(self, text: str, mode: str) -> Floats:
        """The answer to one text: float32 (labels,) or (dimension,)."""

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The answers to many texts: float32 (texts, labels) or (texts, dimension), in order."""


@dataclass(frozen=True)
class Row:
    """A row of the table: a peer, and how it is run."""

    name: str
    """The name for ``--only``."""
    title: str
    """The name in tables."""
    module: str
    """The module of this package that runs it."""
    artifact: str | None
    """The module whose ``prepare`` makes the files that it runs; None: it runs the checkpoint itself."""
    bulk: tuple[str, ...]
    """The ways to run many texts; the benchmark measures the fastest on this machine."""
    single: tuple[str, ...] = ("",)
    """The ways to run one text; none if another row already measures one text and the first answer."""
    environment: str = FULL
    """The environment it runs in."""
    share: float = 1.0
    """The share of the tweets it is timed on: fp32 is so slow that half of them tell as much."""
    tasks: tuple[str, ...] = (CLASSIFICATION,)
    """The tasks it can do."""


LINNET = Row(
    "linnet",
    "Linnet",
    "linnet_bundle",
    "linnet_bundle",
    ("",),
    environment=SLIM,
    tasks=(CLASSIFICATION, EMBEDDING),
)

_CLASSIFIERS = (
    Row("transformers", "transformers fp32, pipeline, batch 32", "transformers_fp32", None, ("pipeline",), share=0.5),
    Row("transformers-sorted", "transformers fp32, sorted batches", "transformers_fp32", None, _SORTED, (), share=0.5),
    Row(
        "onnxruntime-fp32",
        "onnxruntime + tokenizers, fp32, sorted batches",
        "onnx_fp32",
        "onnx_fp32",
        _SORTED,
        environment=SLIM,
        share=0.5,
    ),
    Row("torch-int8", "torch dynamic INT8, sorted batches", "torch_int8", "torch_int8", _SORTED),
    Row("optimum", "optimum INT8, pipeline, batch 32", "optimum_int8", "optimum_int8", ("pipeline",)),
    Row("optimum-sorted", "optimum INT8, sorted batches", "optimum_int8", "optimum_int8", _SORTED, ()),
    Row(
        "onnxruntime",
        "onnxruntime + tokenizers, optimum's INT8, sorted batches",
        "plain_onnxruntime",
        "optimum_int8",
        _SORTED,
        environment=SLIM,
    ),
    Row(
        "openvino",
        "OpenVINO, NNCF INT8 (static), sorted batches",
        "openvino_int8",
        "openvino_int8",
        tuple(f"{hint}:{budget}" for hint in ("throughput", "latency") for budget in (512, 1024, 4096)),
        ("latency:0", "throughput:0"),
    ),
    Row(
        "ctranslate2",
        "CTranslate2 INT8, sorted batches",
        "ctranslate2_int8",
        "ctranslate2_int8",
        tuple(f"{workers}:{budget}" for workers in ("workers", "threads") for budget in (512, 1024, 4096)),
        ("threads:0",),
    ),
)

_EMBEDDERS = (
    Row(
        "fastembed",
        "fastembed's arithmetic, onnxruntime fp32, batch 256",
        "fastembed_fp32",
        "onnx_fp32",
        ("",),
        environment=SLIM,
        tasks=(EMBEDDING,),
    ),
    Row(
        "sentence-transformers",
        "sentence-transformers, ONNX INT8, batch 32",
        "sentence_transformers_int8",
        "sentence_transformers_int8",
        ("",),
        tasks=(EMBEDDING,),
    ),
    Row(
        "torch",
        "sentence-transformers, torch fp32, batch 32",
        "sentence_transformers_fp32",
        None,
        ("",),
        tasks=(EMBEDDING,),
    ),
)

ROWS = (LINNET, *_CLASSIFIERS, *_EMBEDDERS)
