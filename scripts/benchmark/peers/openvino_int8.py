"""OpenVINO, quantized by NNCF: static, calibrated on tweets; run in as many streams as there are threads, or in one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark.batches import Floats, budget_of, in_order, in_sorted_batches, padded, softmax, sorted_batches

MODEL = "model.xml"


def prepare(checkpoint: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Converts, and quantizes on ``settings["calibration"]`` with the transformer preset."""
    import nncf
    import openvino
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder.mkdir(parents=True)
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    # Attention written out: what NNCF's transformer preset knows by its patterns.
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint, attn_implementation="eager").eval()
    example = {name: tokenizer("Good news!", return_tensors="pt")[name] for name in ("input_ids", "attention_mask")}
    graph = openvino.convert_model(model, example_input=example)
    texts = settings["calibration"]

    def inputs(text: str) -> dict[str, Any]:
        encoded = tokenizer(text, truncation=True, return_tensors="np")
        return {name: encoded[name] for name in ("input_ids", "attention_mask")}

    quantized = nncf.quantize(
        graph, nncf.Dataset(texts, inputs), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(texts)
    )
    openvino.save_model(quantized, folder / MODEL)
    tokenizer.save_pretrained(folder)


class Peer:
    """A model compiled for each of the two hints, when it is first asked for."""

    def __init__(self, folder: str, threads: int) -> None:
        import openvino

        from benchmark.plain_tokenizer import PlainTokenizer

        self._openvino = openvino
        self._core = openvino.Core()
        self._graph = f"{folder}/{MODEL}"
        self._threads = threads
        self._tokenizer = PlainTokenizer(folder)
        self._compiled: dict[str, Any] = {}

    def one(self, text: str, mode: str) -> Floats:
        """The scores of one text."""
        return softmax(self._logits(self._model(mode), self._tokenizer.one(text))[0])

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The scores of many."""
        ids = self._tokenizer.many(texts)
        budget, pad_token_id = budget_of(mode), self._tokenizer.pad_token_id
        model = self._model(mode)
        if mode.startswith("latency"):
            return in_sorted_batches(ids, budget, pad_token_id, lambda **inputs: self._logits(model, inputs))
        batches = list(sorted_batches(ids, budget))
        return in_order(batches, self._in_streams(model, (padded(ids, rows, pad_token_id) for rows in batches)))

    def _in_streams(self, model: Any, batches: Iterator[dict[str, Any]]) -> list[Any]:
        """The logits of each batch, as many at a time as there are streams."""
        found: dict[int, Any] = {}

        def keep(request: Any, place: int) -> None:
            found[place] = request.get_output_tensor(0).data.copy()

        queue = self._openvino.AsyncInferQueue(model, self._threads)
        queue.set_callback(keep)
        for place, inputs in enumerate(batches):
            queue.start_async(inputs, place)
        queue.wait_all()
        return [found[place] for place in range(len(found))]

    def _model(self, mode: str) -> Any:
        hint = mode.partition(":")[0]
        if hint not in self._compiled:
            streams = self._threads if hint == "throughput" else 1
            settings = {
                "PERFORMANCE_HINT": hint.upper(),
                "INFERENCE_NUM_THREADS": self._threads,
                "NUM_STREAMS": streams,
            }
            self._compiled[hint] = self._core.compile_model(self._graph, "CPU", settings)
        return self._compiled[hint]

    @staticmethod
    def _logits(model: Any, inputs: dict[str, Any]) -> Any:
        return model(inputs)[0]
