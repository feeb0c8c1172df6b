"""Checkpoints that differ from what a bundle was made of, and what parity then says."""

import shutil
from pathlib import Path

from linnet_export.parity.measure import Parity
from safetensors.torch import load_file, save_file


def failed(parity: Parity) -> set[str]:
    return {criterion.name for criterion in parity.failures}


def scaled(checkpoint: Path, folder: Path, name: str, factor: float) -> Path:
    """A copy of a checkpoint in which one tensor is ``factor`` times as large."""
    copy = shutil.copytree(checkpoint, folder)
    tensors = load_file(copy / "model.safetensors")
    tensors[name] = tensors[name] * factor
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    return copy
