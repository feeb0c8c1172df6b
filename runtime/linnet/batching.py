"""Encodings → batches, and the original order back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

TOKEN_BUDGET = 512
"""The most tokens in a batch, padding included; a longer text is a batch of its own."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Texts of about one length.

    ``input_ids`` and ``attention_mask`` are int64 (batch, seq); ``rows``, int64 (batch,), says where
    each text stood among those that were batched.
    """

    rows: npt.NDArray[np.int64]
    input_ids: npt.NDArray[np.int64]
    attention_mask: npt.NDArray[np.int64]


def batches(ids: Sequence[Sequence[int]], *, pad_token_id: int, token_budget: int = TOKEN_BUDGET) -> Iterator[Batch]:
    """Batches of the texts sorted by length, the longest first, padded on the right."""
    order = sorted(range(len(ids)), key=lambda row: -len(ids[row]))
    start = 0
    while start < len(order):
        size = max(1, token_budget // max(1, len(ids[order[start]])))
        yield _collate(ids, order[start : start + size], pad_token_id)
        start += size


def _collate(ids: Sequence[Sequence[int]], rows: list[int], pad_token_id: int) -> Batch:
    shape = len(rows), max(len(ids[row]) for row in rows)
    input_ids = np.full(shape, pad_token_id, dtype=np.int64)
    attention_mask = np.zeros(shape, dtype=np.int64)
    for position, row in enumerate(rows):
        length = len(ids[row])
        input_ids[position, :length] = ids[row]
        attention_mask[position, :length] = 1
    return Batch(np.array(rows, dtype=np.int64), input_ids, attention_mask)
