"""Encodings → batches, and the original order back.

Only texts of one length share a batch. Padding would change the order in which attention adds up, and with it
the last bits of a text's answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

TOKEN_BUDGET = 640
"""The most tokens in a batch; a longer text is a batch of its own.

RoBERTa-base, tweets a second of 1,000 on 2 threads at 128, 256, 384, 512, 768 and 1024: 201, 209, 209, 217, 226, 215.
"""


@dataclass(frozen=True, eq=False)
class Batch:
    """Texts of one length, without padding.

    ``input_ids`` is int64 (batch, seq); ``rows``, int64 (batch,), says where each text stood among
    those that were batched.
    """

    rows: npt.NDArray[np.int64]
    input_ids: npt.NDArray[np.int64]


def batches(ids: Iterable[Sequence[int]], *, token_budget: int = TOKEN_BUDGET) -> Iterator[Batch]:
    """Batches of texts of one length: a full one as soon as there is one, at the end the rest, the longest first.

    ``ids`` is read as batches are asked for, so that a producer and a consumer of batches can take turns.
    """
    waiting: defaultdict[int, list[tuple[int, Sequence[int]]]] = defaultdict(list)
    for row, found in enumerate(ids):
        alike = waiting[len(found)]
        alike.append((row, found))
        if (len(alike) + 1) * len(found) > token_budget:
            yield _collate(waiting.pop(len(found)))
    for length in sorted(waiting, reverse=True):
        yield _collate(waiting[length])


def _collate(texts: list[tuple[int, Sequence[int]]]) -> Batch:
    rows, ids = zip(*texts, strict=True)
    return Batch(np.array(rows, dtype=np.int64), np.array(ids, dtype=np.int64).reshape(len(rows), -1))
