"""The answers of the original in torch fp32: the reference for labels, scores and vectors. Not a peer: nobody times it."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.peers import CLASSIFICATION, EMBEDDING

FILE = "answers.npy"

_ORIGINALS = {
    CLASSIFICATION: ("transformers_fp32", "sorted:2048"),
    EMBEDDING: ("sentence_transformers_fp32", ""),
}


def prepare(checkpoint: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Writes the answers to ``settings["texts"]``: float32 (texts, labels) or (texts, dimension)."""
    module, mode = _ORIGINALS[settings["task"]]
    peer = import_module(f"benchmark.peers.{module}").Peer(str(checkpoint), settings["threads"])
    folder.mkdir(parents=True)
    np.save(folder / FILE, peer.bulk(settings["texts"], mode))
