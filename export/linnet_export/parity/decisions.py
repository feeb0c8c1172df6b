"""The labels that a classifier's scores choose, and their margins. Needs no torch."""

import numpy as np
from linnet.arrays import Floats
from linnet.postprocessing.scores import Head


def decisions(head: Head, scores: Floats) -> list[str]:
    """Returns each row's decision: the best label, or every label with a score above a half."""
    if head.exclusive:
        return [head.labels[best] for best in scores.argmax(axis=-1)]
    return [
        " + ".join(label for label, score in zip(head.labels, row, strict=True) if score > 0.5) or "none"
        for row in scores
    ]


def margins(head: Head, scores: Floats) -> Floats:
    """Returns each row's margin, 0 to 1: the best score minus the second, or twice the least distance from a half."""
    if head.exclusive:
        best = np.sort(scores, axis=-1)
        return best[:, -1] - best[:, -2]
    return (2 * np.abs(scores - 0.5)).min(axis=-1)  # type: ignore[no-any-return]
