"""sentence-transformers with its ONNX backend, on the INT8 file that its own export makes for AVX2."""

from pathlib import Path
from typing import Any

from benchmark.peers import sentence_transformers_fp32

QUANTIZATION = "avx2"
"""Its documentation's usual choice for processors of unknown age; the arithmetic at run time is the processor's best."""

_CPU = {"provider": "CPUExecutionProvider"}


def prepare(checkpoint: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Exports, quantizes dynamically, and leaves the INT8 file as the only graph."""
    from sentence_transformers import SentenceTransformer, export_dynamic_quantized_onnx_model

    model = SentenceTransformer(str(checkpoint), device="cpu", backend="onnx", model_kwargs={**_CPU, "export": True})
    model.save_pretrained(str(folder))
    export_dynamic_quantized_onnx_model(model, QUANTIZATION, str(folder))
    graphs = sorted((folder / "onnx").glob("*.onnx"))
    for graph in graphs:
        if QUANTIZATION not in graph.stem:
            graph.unlink()


class Peer(sentence_transformers_fp32.Peer):
    """sentence-transformers with its encoder in onnxruntime, quantized to INT8."""

    def load(self, folder: str, threads: int, kind: Any) -> Any:
        """The model."""
        from onnxruntime import SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = threads
        (graph,) = (Path(folder) / "onnx").glob("*.onnx")
        told = {**_CPU, "file_name": f"onnx/{graph.name}", "session_options": options}
        return kind(folder, device="cpu", backend="onnx", model_kwargs=told)
