"""The steps of a training on two cores: batches of texts of similar length, AdamW, bfloat16 where it is fast."""

import random
import re
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

import torch
from transformers import BertForSequenceClassification, BertTokenizerFast, get_linear_schedule_with_warmup

Label = TypeVar("Label")


def bfloat16_is_fast() -> bool:
    """Returns whether the processor supports bfloat16; without, a step takes 18 times as long as in fp32 (AVX2)."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def batches(
    examples: Sequence[tuple[str, Label]], batch_size: int, chance: random.Random
) -> Iterator[tuple[list[str], list[Label]]]:
    """Yields shuffled batches of texts of similar length, to reduce padding."""
    shuffled = list(examples)
    chance.shuffle(shuffled)
    pool = 50 * batch_size
    found = []
    for start in range(0, len(shuffled), pool):
        near = sorted(shuffled[start : start + pool], key=lambda pair: len(pair[0]))
        found += [near[at : at + batch_size] for at in range(0, len(near), batch_size)]
    chance.shuffle(found)
    for batch in found:
        yield [text for text, _ in batch], [label for _, label in batch]


class Loop:
    """Trains ``model`` in place, for as many steps as it is told; the learning rate rises and then falls linearly."""

    def __init__(
        self,
        model: BertForSequenceClassification,
        tokenizer: BertTokenizerFast,
        steps: int,
        learning_rate: float,
        layer_decay: float,
    ) -> None:
        self.done = 0
        """The number of steps that were taken."""
        self._model, self._tokenizer, self._steps = model.train(), tokenizer, steps
        groups = _parameter_groups(model, learning_rate, layer_decay)
        self._optimizer = torch.optim.AdamW(groups, fused=True)
        self._schedule = get_linear_schedule_with_warmup(self._optimizer, steps // 20, steps)
        self._began, self._loss = time.monotonic(), 0.0

    def logits(self, texts: Sequence[str]) -> torch.Tensor:
        """Returns the logits of prepared texts: float32 (n, labels)."""
        batch = self._tokenizer(list(texts), padding=True, truncation=True, max_length=128, return_tensors="pt")
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16_is_fast()):
            logits: torch.Tensor = self._model(**batch).logits
        return logits.float()

    def step(self, loss: torch.Tensor) -> None:
        """Takes a step down the gradient of the loss; prints the progress from time to time."""
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._schedule.step()
        self.done += 1
        self._loss += 0.01 * (loss.item() - self._loss)
        if self.done % 100 == 0:
            left = (time.monotonic() - self._began) / self.done * (self._steps - self.done)
            print(f"  step {self.done}/{self._steps}  loss {self._loss:.3f}  {left / 60:.1f} min left", flush=True)


def _parameter_groups(
    model: BertForSequenceClassification, learning_rate: float, layer_decay: float
) -> list[dict[str, object]]:
    """Returns AdamW's parameter groups; the learning rate falls by ``layer_decay`` per layer downwards."""
    depth = model.config.num_hidden_layers
    groups = []
    for name, parameter in model.named_parameters():
        layer = re.search(r"layer\.(\d+)\.", name)
        below = depth - 1 - int(layer[1]) if layer else depth if "embeddings" in name else 0
        groups.append(
            {
                "params": [parameter],
                "lr": learning_rate * layer_decay**below,
                "weight_decay": 0.01 if parameter.ndim > 1 else 0.0,
            }
        )
    return groups
