"""onnxruntime and tokenizers alone, on the file that optimum wrote: what a careful user can do without Linnet."""

from typing import Any

from benchmark.batches import Floats, budget_of, in_sorted_batches, softmax


class Peer:
    """One session with all threads."""

    graph = "model_quantized.onnx"
    """The file to run."""

    def __init__(self, folder: str, threads: int) -> None:
        import os

        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        from benchmark.plain_tokenizer import PlainTokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        graph = f"{folder}/{self.graph}"
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._inputs = {declared.name for declared in self._session.get_inputs()}
        self._tokenizer = PlainTokenizer(folder)

    def one(self, text: str, mode: str) -> Floats:
        """The scores of one text."""
        return softmax(self.run(**self._tokenizer.one(text))[0])

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The scores of many."""
        ids = self._tokenizer.many(texts)
        return in_sorted_batches(ids, budget_of(mode), self._tokenizer.pad_token_id, self.run)

    def run(self, **inputs: Any) -> Any:
        """The graph's first output: float32 (batch, labels), or (batch, seq, dimension) of an encoder."""
        if "token_type_ids" in self._inputs:
            inputs["token_type_ids"] = 0 * inputs["input_ids"]
        return self._session.run(None, {name: inputs[name] for name in self._inputs})[0]
