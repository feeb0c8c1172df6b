"""What transformers gives in fp32: the reference for labels and scores. Not a peer: nothing of it is timed."""

from pathlib import Path
from typing import Any

import numpy as np

FILE = "scores.npy"


def prepare(checkpoint: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Writes the scores of ``settings["texts"]``: float32 (texts, labels)."""
    from benchmark.peers.transformers_fp32 import Peer

    folder.mkdir(parents=True)
    np.save(folder / FILE, Peer(str(checkpoint), settings["threads"]).bulk(settings["texts"], "sorted:2048"))
