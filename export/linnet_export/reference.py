"""The original: transformers and torch in fp32, with the checkpoint's own tokenizer."""

from collections import defaultdict
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
    def logits(self, ids: Sequence[Sequence[int]]) -> Floats:
        """The logits of encoded texts, float32 (n, labels); only texts of one length share a batch: nothing is padded."""
        rows_by_length: dict[int, list[int]] = defaultdict(list)
        for row, text in enumerate(ids):
            rows_by_length[len(text)].append(row)
        logits = np.empty((len(ids), len(self.head.labels)), dtype=np.float32)
        for rows in rows_by_length.values():
            for start in range(0, len(rows), _BATCH):
                part = rows[start : start + _BATCH]
                logits[part] = self.model(input_ids=torch.tensor([ids[row] for row in part])).logits.numpy()
        return logits
