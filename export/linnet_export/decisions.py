"""What the scores of a classifier say, and how sure they are. Needs no torch."""

import numpy as np
from linnet.postprocessing import Floats, Head


def decisions(head: Head, scores: Floats) -> list[str]:
    """What each row of the scores says: the best label, or every label above a half."""
    if head.exclusive:
        return [head.labels[best] for best in scores.argmax(axis=-1)]
    return [
        " + ".join(label for label, score in zip(head.labels, row, strict=True) if score > 0.5) or "none"
        for row in scores
    ]


def margins(head: Head, scores: Floats) -> Floats:
    """How sure each row is, 0 to 1: the best score less the next, or twice the least distance from a half."""
    if head.exclusive:
        best = np.sort(scores, axis=-1)
        return best[:, -1] - best[:, -2]
    return (2 * np.abs(scores - 0.5)).min(axis=-1)  # type: ignore[no-any-return]
