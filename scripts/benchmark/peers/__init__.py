"""The peers: a module each, with ``prepare`` to convert a checkpoint, and ``Peer`` to run what that wrote.

A module imports what its users would, and only inside of both: the time to the first answer is part of what is measured.
"""

from dataclasses import dataclass
from typing import Protocol

from benchmark.batches import Floats

SLIM, FULL = "slim", "full"
"""The environments: linnet's dependencies alone, and all the peers."""

_SORTED = ("sorted:512", "sorted:1024", "sorted:4096")


class Peer(Protocol):
    """What runs a converted checkpoint. ``mode`` is one of its `Row`'s."""

    def __init__(self, folder: str, threads: int) -> None: ...

    def one(self, text: str, mode: str) -> Floats:
        """The scores of one text: float32 (labels,)."""

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The scores of many: float32 (texts, labels), in order."""


@dataclass(frozen=True)
class Row:
    """A row of the table: a peer, and how it is run.

    Args:
        name: what ``--only`` calls it.
        title: what the table calls it.
        module: the module of this package that runs it.
        artifact: the module whose ``prepare`` makes what it runs; None is the checkpoint itself.
        bulk: the ways to run many texts; the fastest on this machine is measured.
        single: the same for one text; none if another row says how fast that is, and how fast the first answer.
        environment: where it runs.
        share: how many of the tweets it is timed on; fp32 is so slow that half of them tell as much.
    """

    name: str
    title: str
    module: str
    artifact: str | None
    bulk: tuple[str, ...]
    single: tuple[str, ...] = ("",)
    environment: str = FULL
    share: float = 1.0


LINNET = Row("linnet", "Linnet", "linnet_bundle", "linnet_bundle", ("",), environment=SLIM)

ROWS = (
    LINNET,
    Row("transformers", "transformers fp32, pipeline, batch 32", "transformers_fp32", None, ("pipeline",), share=0.5),
    Row("transformers-sorted", "transformers fp32, sorted batches", "transformers_fp32", None, _SORTED, (), share=0.5),
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
