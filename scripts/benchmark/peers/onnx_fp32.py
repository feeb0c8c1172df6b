"""The checkpoint as optimum exports it, in fp32. onnxruntime optimizes the graph when it loads it, as it does by default."""

from pathlib import Path
from typing import Any

from benchmark.peers import EMBEDDING, plain_onnxruntime

GRAPH = "model.onnx"


def prepare(checkpoint: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Exports for ``settings["task"]``, and saves the tokenizer."""
    from transformers import AutoTokenizer

    export(checkpoint, folder, settings["task"])
    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(folder)


def export(checkpoint: Path, folder: Path, task: str) -> None:
    """Writes `GRAPH` and ``config.json``."""
    from optimum.onnxruntime import ORTModelForFeatureExtraction, ORTModelForSequenceClassification

    kind = ORTModelForFeatureExtraction if task == EMBEDDING else ORTModelForSequenceClassification
    kind.from_pretrained(checkpoint, export=True).save_pretrained(folder)


class Peer(plain_onnxruntime.Peer):
    """onnxruntime on the fp32 graph, fed as `plain_onnxruntime` feeds optimum's INT8 file."""

    graph = GRAPH
