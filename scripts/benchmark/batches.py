"""Sorted token-budget batches, which every peer gets that does not batch by itself."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
"""Scores, or logits: float32 (texts, labels)."""

Ids = Sequence[Sequence[int]]


def sorted_batches(ids: Ids, budget: int) -> Iterator[list[int]]:
    """The rows of each batch: the longest texts first, at most ``budget`` tokens a batch, padding included."""
    order = sorted(range(len(ids)), key=lambda row: -len(ids[row]))
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, len(ids[order[start]])))
        yield order[start : start + size]
        start += size


def padded(ids: Ids, rows: Sequence[int], pad_token_id: int) -> dict[str, npt.NDArray[np.int64]]:
    """``input_ids`` and ``attention_mask``, int64 (batch, seq), of the rows of one batch."""
    shape = len(rows), max(len(ids[row]) for row in rows)
    input_ids = np.full(shape, pad_token_id, dtype=np.int64)
    attention_mask = np.zeros(shape, dtype=np.int64)
    for position, row in enumerate(rows):
        length = len(ids[row])
        input_ids[position, :length] = ids[row]
        attention_mask[position, :length] = 1
    return {"input_ids": input_ids, "attention_mask": attention_mask}


def in_sorted_batches(ids: Ids, budget: int, pad_token_id: int, logits_of: Callable[..., Any]) -> Floats:
    """The scores of all texts, in their order; ``logits_of`` takes the inputs of `padded` by name."""
    batches = list(sorted_batches(ids, budget))
    logits = [logits_of(**padded(ids, rows, pad_token_id)) for rows in batches]
    return in_order(batches, logits)


def in_order(batches: Sequence[Sequence[int]], logits: Sequence[Any]) -> Floats:
    """The scores of all texts, in their order, from each batch's logits."""
    rows = np.concatenate([np.asarray(batch) for batch in batches])
    found = np.empty((len(rows), np.shape(logits[0])[-1]), dtype=np.float32)
    found[rows] = softmax(np.concatenate(logits))
    return found


def softmax(logits: Any) -> Floats:
    """Scores of logits: float32, over the last axis."""
    powers = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def budget_of(mode: str) -> int:
    """The token budget that a mode names: 512 of ``latency:512``."""
    return int(mode.rpartition(":")[2])
