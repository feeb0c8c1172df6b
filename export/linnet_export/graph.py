"""Checkpoint → fp32 ONNX graph, by `optimum`."""

from pathlib import Path

from optimum.exporters.onnx import onnx_export_from_model
from transformers import PreTrainedModel

from linnet_export.quiet import quiet

OPSET = 18


def export_graph(model: PreTrainedModel, folder: Path) -> Path:
    """Writes the model as ``folder/model.onnx``, fp32, with dynamic batch and sequence axes."""
    with quiet():
        onnx_export_from_model(
            model, folder, opset=OPSET, task="text-classification", do_validation=False, no_post_process=True
        )
    return folder / "model.onnx"
