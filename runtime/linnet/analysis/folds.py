"""Texts and labels → folds for cross-validation."""

from collections import defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]

FOLDS = 5
_SEED = 0  # the same texts give the same folds


def folds_of(texts: Sequence[Hashable], truths: Indices, folds: int = FOLDS) -> Indices:
    """Returns the fold of each text, int64 (n,), from 0.

    Equal texts are in one fold, so that no text is judged by a model that saw it. Each label is spread over the folds
    as evenly as it can be.
    """
    rows = defaultdict[Hashable, list[int]](list)
    for row, text in enumerate(texts):
        rows[text].append(row)
    of_label = defaultdict[int, list[list[int]]](list)
    for alike in rows.values():
        of_label[int(truths[alike[0]])].append(alike)
    found, random, turn = np.empty(len(texts), dtype=np.int64), np.random.default_rng(_SEED), 0
    for label in sorted(of_label):
        for index in random.permutation(len(of_label[label])):
            found[of_label[label][index]] = turn % folds
            turn += 1
    return found
