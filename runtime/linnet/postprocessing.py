"""Logits → scores → predictions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linnet.errors import BundleFormatError

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Prediction:
    """The best ``label``, its ``score`` between 0 and 1, and the ``scores`` of all labels in the checkpoint's order."""

    label: str
    score: float
    scores: dict[str, float]


@dataclass(frozen=True)
class Head:
    """What a checkpoint's logits mean.

    A multi-label head's scores are a sigmoid each, and so is that of a head with one logit; any other
    head's are a softmax. This is what transformers' own pipeline makes of ``problem_type``.
    """

    labels: tuple[str, ...]
    problem_type: str | None = None

    def __post_init__(self) -> None:
        kinds = (None, "single_label_classification", "multi_label_classification")
        if self.problem_type not in kinds:
            raise BundleFormatError(
                f"config.json: expected a single-label, multi-label or one-logit head, found problem_type "
                f"{self.problem_type!r}, which Linnet does not serve"
            )

    @property
    def exclusive(self) -> bool:
        """Whether exactly one label holds, so that the scores add up to 1."""
        return len(self.labels) > 1 and self.problem_type != "multi_label_classification"

    def scores(self, logits: Floats) -> Floats:
        """Softmax or sigmoid of the logits: float32 (n, labels), as the logits are."""
        if not self.exclusive:
            sigmoid: Floats = np.exp(-np.logaddexp(np.float32(0), -logits))
            return sigmoid
        exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
        scores: Floats = exponentials / exponentials.sum(axis=-1, keepdims=True)
        return scores

    def predictions(self, logits: Floats) -> list[Prediction]:
        """One prediction a row of the logits."""
        return [
            Prediction(self.labels[best], row[best], dict(zip(self.labels, row, strict=True)))
            for best, row in zip(logits.argmax(axis=-1), self.scores(logits).tolist(), strict=True)
        ]
