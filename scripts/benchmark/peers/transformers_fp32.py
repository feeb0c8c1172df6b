"""transformers and torch in fp32: as its pipeline runs it, and in sorted batches."""

from typing import Any

from benchmark.batches import Floats, budget_of, in_sorted_batches

PIPELINE_BATCH = 32


class Peer:
    """A pipeline, and the model and tokenizer that it holds."""

    def __init__(self, folder: str, threads: int) -> None:
        import torch
        from transformers import pipeline

        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self._torch = torch
        self._pipeline = self.load(folder, pipeline)
        self._tokenizer = self._pipeline.tokenizer
        self._model = self._pipeline.model
        self._places = self._model.config.label2id

    def load(self, folder: str, pipeline: Any) -> Any:
        """The pipeline."""
        return pipeline("text-classification", model=folder, device="cpu")

    def one(self, text: str, mode: str) -> Floats:
        """The scores of one text."""
        return self._scores(self._pipeline(text, top_k=None, truncation=True))

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The scores of many."""
        if mode == "pipeline":
            found = self._pipeline(texts, batch_size=PIPELINE_BATCH, top_k=None, truncation=True)
            return [self._scores(each) for each in found]  # type: ignore[return-value]
        ids = self._tokenizer(texts, truncation=True, return_attention_mask=False)["input_ids"]
        return in_sorted_batches(ids, budget_of(mode), self._tokenizer.pad_token_id, self._logits)

    def _logits(self, **inputs: Any) -> Any:
        tensors = {name: self._torch.from_numpy(array) for name, array in inputs.items()}
        return self._model(**tensors).logits.numpy()

    def _scores(self, found: list[dict[str, Any]]) -> Floats:
        scores = [0.0] * len(found)
        for each in found:
            scores[self._places[each["label"]]] = each["score"]
        return scores  # type: ignore[return-value]
