"""Checkpoint → fp32 ONNX graph, by `optimum`."""

from pathlib import Path

import onnx
from optimum.exporters.onnx import onnx_export_from_model
from transformers import PreTrainedModel

from linnet_export.onnx_graph.external import save_with_external_data
from linnet_export.quiet import quiet

OPSET = 18


def export_graph(model: PreTrainedModel, task: str, folder: Path) -> Path:
    """Writes the model as ``folder/model.onnx``, fp32, with dynamic batch and sequence axes.

    The output is ``logits`` (batch, labels); for ``feature-extraction``, ``last_hidden_state`` (batch, seq, dimension).
    """
    with quiet():
        onnx_export_from_model(model, folder, opset=OPSET, task=task, do_validation=False, no_post_process=True)
    file = folder / "model.onnx"
    whole = onnx.load(file)
    file.unlink()  # rewritten with external data, so that each weight is read only when it is needed
    save_with_external_data(whole, file, "model.onnx_data")
    return file
