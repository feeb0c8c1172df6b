"""The original: transformers and torch in fp32, with the checkpoint's own tokenizer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from linnet.bundle import Settings
from linnet.postprocessing import Floats, Head
from linnet.preprocessing import Preprocessor
from transformers import BertweetTokenizer, PreTrainedModel

from linnet_export.bertweet_tokenizer import probe_texts
from linnet_export.checkpoint import Checkpoint
from linnet_export.vocabulary import Selection

_BATCH = 16


@dataclass(frozen=True)
class OriginalEncoding:
    """A text as the original reads it: its ids, truncated, and which of them are special tokens."""

    ids: list[int]
    special: list[bool]


@dataclass(frozen=True)
class Reference:
    """Runs the original as its authors would, on texts that are prepared as the bundle declares."""

    checkpoint: Checkpoint
    model: PreTrainedModel
    settings: Settings
    prepare: Preprocessor
    selection: Selection | None = None

    def held(self, texts: Sequence[str]) -> list[bool]:
        """Which prepared texts have no piece that the bundle's vocabulary lacks, where they are cut off neither."""
        if self.selection is None or not texts:
            return [True] * len(texts)
        found = self.checkpoint.original_tokenizer(list(texts), return_attention_mask=False, verbose=False)
        return [self.selection.has(ids) for ids in found["input_ids"]]

    def bundle_ids(self, encodings: Sequence[OriginalEncoding]) -> list[list[int]]:
        """The ids that the bundle should have for texts that its vocabulary holds."""
        return [self.selection.renumbered(found.ids) if self.selection else found.ids for found in encodings]

    @property
    def head(self) -> Head:
        """What the logits mean."""
        return self.checkpoint.head

    def encode(self, texts: Sequence[str]) -> list[OriginalEncoding]:
        """The encodings of raw texts."""
        return self.encode_prepared([self.prepare(text).text for text in texts])

    def encode_prepared(self, texts: Sequence[str]) -> list[OriginalEncoding]:
        """The encodings of texts that are prepared already."""
        if not texts:
            return []  # transformers' tokenizers fail on that
        found = self.checkpoint.original_tokenizer(
            list(texts),
            truncation=True,
            max_length=self.settings.max_length,
            return_attention_mask=False,
            return_special_tokens_mask=True,
        )
        return [
            OriginalEncoding(ids, [bool(flag) for flag in special])
            for ids, special in zip(found["input_ids"], found["special_tokens_mask"], strict=True)
        ]

    @cached_property
    def vocabulary(self) -> list[str]:
        """Every piece of the vocabulary as text, one text a piece: a probe of the whole tokenizer."""
        tokenizer = self.checkpoint.original_tokenizer
        if isinstance(tokenizer, BertweetTokenizer):
            return probe_texts(tokenizer)
        pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
        return [tokenizer.convert_tokens_to_string([piece]) for piece in pieces if piece is not None]

    @torch.inference_mode()
    def outputs(self, encodings: Sequence[OriginalEncoding]) -> list[Floats]:
        """What the original makes of each text: its logits, float32 (labels,), or hidden states, float32 (seq, dimension).

        Only texts of one length share a batch: nothing is padded.
        """
        rows_by_length: dict[int, list[int]] = defaultdict(list)
        for row, encoding in enumerate(encodings):
            rows_by_length[len(encoding.ids)].append(row)
        outputs: list[Floats] = [np.empty(0, dtype=np.float32)] * len(encodings)
        for rows in rows_by_length.values():
            for start in range(0, len(rows), _BATCH):
                part = rows[start : start + _BATCH]
                found = self.model(input_ids=torch.tensor([encodings[row].ids for row in part]))[0].numpy()
                for row, output in zip(part, found, strict=True):
                    outputs[row] = output
        return outputs


def pooled(hidden: Floats, pooling: str, *, normalize: bool) -> Floats:
    """The vector of a text as sentence-transformers makes it of its hidden states, in torch: float32 (dimension,)."""
    states = torch.from_numpy(hidden)
    vector = {"mean": states.mean(0), "cls": states[0], "max": states.amax(0)}[pooling]
    return (torch.nn.functional.normalize(vector, dim=-1) if normalize else vector).numpy()
