"""Runs the original: the checkpoint in fp32 by transformers and torch, with its own tokenizer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from linnet.arrays import Floats
from linnet.bundle.settings import Settings
from linnet.postprocessing.scores import Head
from linnet.preprocessing import Preprocessor
from transformers import BertweetTokenizer, PreTrainedModel

from linnet_export.checkpoint.reading import Checkpoint
from linnet_export.quiet import quiet
from linnet_export.tokenizer.bertweet import probe_texts
from linnet_export.tokenizer.vocabulary import Selection

_BATCH = 16


@dataclass(frozen=True)
class OriginalEncoding:
    """An encoding by the original's tokenizer: the ids, truncated, and which of them are special tokens."""

    ids: list[int]
    special: list[bool]


@dataclass(frozen=True, eq=False)
class OriginalInternals:
    """The original's hidden states, float32 (layers + 1, seq, dimension), and attentions, (layers, heads, seq, seq)."""

    hidden_states: Floats
    attentions: Floats


@dataclass(frozen=True)
class Reference:
    """The original model and tokenizer, run on texts preprocessed as the bundle declares."""

    checkpoint: Checkpoint
    model: PreTrainedModel
    settings: Settings
    prepare: Preprocessor
    selection: Selection | None = None

    def held(self, texts: Sequence[str]) -> list[bool]:
        """Returns, for each prepared text, True if every piece, before truncation, is in the bundle's vocabulary."""
        if self.selection is None or not texts:
            return [True] * len(texts)
        found = self.checkpoint.original_tokenizer(list(texts), return_attention_mask=False, verbose=False)
        return [self.selection.has(ids) for ids in found["input_ids"]]

    def bundle_ids(self, encodings: Sequence[OriginalEncoding]) -> list[list[int]]:
        """Returns the ids that the bundle should give for texts that its vocabulary covers."""
        return [self.selection.renumbered(found.ids) if self.selection else found.ids for found in encodings]

    @property
    def head(self) -> Head:
        """The labels, and the function from logits to scores."""
        return self.checkpoint.head

    def encode(self, texts: Sequence[str]) -> list[OriginalEncoding]:
        """Returns the encodings of raw texts."""
        return self.encode_prepared([self.prepare(text).text for text in texts])

    def encode_prepared(self, texts: Sequence[str]) -> list[OriginalEncoding]:
        """Returns the encodings of texts that are already prepared."""
        if not texts:
            return []  # transformers' tokenizers fail on an empty list
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
        """Every piece of the vocabulary as a text, to compare the whole tokenizer."""
        tokenizer = self.checkpoint.original_tokenizer
        if isinstance(tokenizer, BertweetTokenizer):
            return probe_texts(tokenizer)
        pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
        return [tokenizer.convert_tokens_to_string([piece]) for piece in pieces if piece is not None]

    @torch.inference_mode()
    def outputs(self, encodings: Sequence[OriginalEncoding]) -> list[Floats]:
        """Returns the original's output per text: float32 logits (labels,) or hidden states (seq, dimension).

        Only texts of equal length share a batch, so there is no padding.
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

    @torch.inference_mode()
    def internals(self, encoding: OriginalEncoding) -> OriginalInternals:
        """Returns the original's ``output_hidden_states`` and ``output_attentions`` for one text."""
        with quiet():  # transformers warns that it computes attentions in another way, which is what is wanted
            found = self.model(
                input_ids=torch.tensor([encoding.ids]), output_hidden_states=True, output_attentions=True
            )
        return OriginalInternals(torch.cat(found.hidden_states).numpy(), torch.cat(found.attentions).numpy())


def pooled(hidden: Floats, pooling: str, *, normalize: bool) -> Floats:
    """Returns a text's vector, float32 (dimension,), pooled in torch as sentence-transformers does."""
    states = torch.from_numpy(hidden)
    vector = {"mean": states.mean(0), "cls": states[0], "max": states.amax(0)}[pooling]
    return (torch.nn.functional.normalize(vector, dim=-1) if normalize else vector).numpy()
