"""Graphs whose weights stand in a file beside them."""

from pathlib import Path

import onnx

_EXTERNAL_FROM = 1024  # bytes: smaller tensors stay in the graph


def save_with_external_data(model: onnx.ModelProto, file: Path, weights: str) -> None:
    """Writes a graph, and its larger tensors beside it."""
    onnx.save_model(
        model,
        file,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=weights,
        size_threshold=_EXTERNAL_FROM,
    )
