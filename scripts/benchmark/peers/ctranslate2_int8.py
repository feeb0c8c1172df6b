"""CTranslate2 in INT8: its encoder, and the classification head in numpy, which it has none of."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.batches import Floats, budget_of, in_order, softmax, sorted_batches

ENCODER, HEAD = "encoder", "head.npz"


def prepare(checkpoint: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Converts the encoder, and keeps the head's weights in fp32."""
    from ctranslate2.converters import TransformersConverter
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder.mkdir(parents=True)
    TransformersConverter(str(checkpoint)).convert(str(folder / ENCODER), quantization="int8", force=True)
    head = AutoModelForSequenceClassification.from_pretrained(checkpoint).classifier.state_dict()
    names = {"dense.weight": "dense", "dense.bias": "dense_bias", "out_proj.weight": "out", "out_proj.bias": "out_bias"}
    names |= {"weight": "out", "bias": "out_bias"}
    np.savez(folder / HEAD, **{names[name]: weights.numpy() for name, weights in head.items()})
    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(folder)


class Peer:
    """An encoder with one worker of all threads, or as many workers of one thread, when it is first asked for."""

    def __init__(self, folder: str, threads: int) -> None:
        import ctranslate2

        from benchmark.plain_tokenizer import PlainTokenizer

        self._ctranslate2 = ctranslate2
        self._folder = folder
        self._threads = threads
        self._tokenizer = PlainTokenizer(folder)
        self._head = dict(np.load(f"{folder}/{HEAD}"))
        self._encoders: dict[str, Any] = {}

    def one(self, text: str, mode: str) -> Floats:
        """The scores of one text."""
        return softmax(self._logits(self._encoder(mode), self._tokenizer.many([text]))[0])

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The scores of many."""
        ids = self._tokenizer.many(texts)
        encoder = self._encoder(mode)
        batches = list(sorted_batches(ids, budget_of(mode)))
        with ThreadPoolExecutor(self._threads if mode.startswith("workers") else 1) as pool:
            logits = list(pool.map(lambda rows: self._logits(encoder, [ids[row] for row in rows]), batches))
        return in_order(batches, logits)

    def _encoder(self, mode: str) -> Any:
        kind = mode.partition(":")[0]
        if kind not in self._encoders:
            workers = self._threads if kind == "workers" else 1
            self._encoders[kind] = self._ctranslate2.Encoder(
                f"{self._folder}/{ENCODER}",
                compute_type="int8",
                inter_threads=workers,
                intra_threads=self._threads // workers,
            )
        return self._encoders[kind]

    def _logits(self, encoder: Any, ids: list[list[int]]) -> Any:
        found = encoder.forward_batch(ids)
        head = self._head
        if "dense" not in head:  # BERT's head reads the pooler, which is CTranslate2's
            return np.asarray(found.pooler_output) @ head["out"].T + head["out_bias"]
        first = np.asarray(found.last_hidden_state)[:, 0]
        return np.tanh(first @ head["dense"].T + head["dense_bias"]) @ head["out"].T + head["out_bias"]
