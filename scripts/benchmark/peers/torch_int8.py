"""torch's own dynamic INT8, of every linear layer."""

from pathlib import Path
from typing import Any

from benchmark.batches import Floats, budget_of, in_sorted_batches, softmax

MODEL = "model.pt"


def prepare(checkpoint: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Quantizes, and saves the module whole, so that loading it needs no fp32 weights."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder.mkdir(parents=True)
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint).eval()
    model = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
    torch.save(model, folder / MODEL)
    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(folder)


class Peer:
    """The quantized module, and transformers' tokenizer."""

    def __init__(self, folder: str, threads: int) -> None:
        import torch
        from transformers import AutoTokenizer

        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self._torch = torch
        self._model = torch.load(f"{folder}/{MODEL}", weights_only=False)
        self._tokenizer = AutoTokenizer.from_pretrained(folder)

    def one(self, text: str, mode: str) -> Floats:
        """The scores of one text."""
        return softmax(self._model(**self._tokenizer(text, truncation=True, return_tensors="pt")).logits[0].numpy())

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The scores of many."""
        ids = self._tokenizer(texts, truncation=True, return_attention_mask=False)["input_ids"]
        return in_sorted_batches(ids, budget_of(mode), self._tokenizer.pad_token_id, self._logits)

    def _logits(self, **inputs: Any) -> Any:
        tensors = {name: self._torch.from_numpy(array) for name, array in inputs.items()}
        return self._model(**tensors).logits.numpy()
