"""The original: transformers and torch in fp32, with the checkpoint's own tokenizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from linnet.postprocessing import Floats, Head
from linnet.preprocessing import Preprocessor
from transformers import PreTrainedModel

from linnet_export.checkpoint import Checkpoint

_BATCH = 16


@dataclass(frozen=True)
class Reference:
    """Runs the original as its authors would, on texts that are prepared as the bundle declares."""

    checkpoint: Checkpoint
    model: PreTrainedModel
    prepare: Preprocessor

    @property
    def head(self) -> Head:
        """What the logits mean."""
        return self.checkpoint.head

    def input_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, special tokens included, truncated."""
        return self.prepared_ids([self.prepare(text).text for text in texts])

    def prepared_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The same of texts that are prepared already."""
        found = self.checkpoint.tokenizer(
            list(texts), truncation=True, max_length=self.checkpoint.max_length, return_attention_mask=False
        )
        return found["input_ids"]  # type: ignore[no-any-return]

    @cached_property
    def vocabulary(self) -> list[str]:
        """Every piece of the vocabulary as text, one text a piece: a probe of the whole tokenizer."""
        tokenizer = self.checkpoint.tokenizer
        pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
        return [tokenizer.convert_tokens_to_string([piece]) for piece in pieces if piece is not None]

    @torch.inference_mode()
    def logits(self, texts: Sequence[str]) -> Floats:
        """The logits of raw texts, float32 (n, labels)."""
        prepared = [self.prepare(text).text for text in texts]
        logits = np.empty((len(texts), len(self.head.labels)), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda row: len(prepared[row]))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            batch = self.checkpoint.tokenizer(
                [prepared[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=self.checkpoint.max_length,
                return_tensors="pt",
            )
            logits[rows] = self.model(**batch).logits.numpy()
        return logits
