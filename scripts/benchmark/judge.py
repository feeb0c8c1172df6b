"""How close a peer's answers are to the original's in fp32."""

from dataclasses import dataclass

import numpy as np

from benchmark.batches import Floats

SURE = 0.1
"""The margin between the two best scores above which fp32 is sure of its label."""


@dataclass(frozen=True)
class Closeness:
    """Shares of texts in per cent, and the mean and greatest difference of a score.

    ``agreement`` is of labels with fp32 over all texts, ``sure_agreement`` over those where fp32's margin exceeds
    `SURE` (None if there is no such text).
    """

    agreement: float
    sure_agreement: float | None
    mean_difference: float
    greatest_difference: float


@dataclass(frozen=True)
class Cosine:
    """The cosine of a text's vector with fp32's: its mean and its least over the texts."""

    mean: float
    least: float


def closeness(scores: Floats, original: Floats) -> Closeness:
    """Compares scores, float32 (texts, labels), with the original's of the same texts.

    Raises:
        ValueError: the numbers of texts or of labels differ.
    """
    _expect_alike(scores, original)
    same = scores.argmax(axis=-1) == original.argmax(axis=-1)
    best = np.sort(original, axis=-1)
    sure = best[:, -1] - best[:, -2] > SURE
    difference = np.abs(scores - original)
    return Closeness(
        agreement=100 * float(same.mean()),
        sure_agreement=100 * float(same[sure].mean()) if sure.any() else None,
        mean_difference=float(difference.mean()),
        greatest_difference=float(difference.max()),
    )


def cosine(vectors: Floats, original: Floats) -> Cosine:
    """Compares vectors, float32 (texts, dimension), with the original's of the same texts.

    Raises:
        ValueError: the numbers of texts or the dimensions differ.
    """
    _expect_alike(vectors, original)
    ours, theirs = vectors.astype(np.float64), original.astype(np.float64)
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    found = np.einsum("td,td->t", ours, theirs) / lengths
    return Cosine(mean=float(found.mean()), least=float(found.min()))


def _expect_alike(answers: Floats, original: Floats) -> None:
    if answers.shape != original.shape:
        raise ValueError(f"expected answers of the shape {original.shape}, which is fp32's, found {answers.shape}")


def moved(together: Floats, alone: Floats) -> tuple[int, float]:
    """How many texts' answers are other bits alone than in bulk, and the most that a number differs."""
    texts = min(len(together), len(alone))
    difference = np.abs(together[:texts] - alone[:texts])
    return int(np.count_nonzero(difference.max(axis=-1))), float(difference.max())
