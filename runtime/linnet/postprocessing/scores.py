"""Logits → scores → predictions."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..arrays import Floats
from ..errors import BundleFormatError
from ..fields import shown
from ..tokenization.windows import TextWindows


@dataclass(frozen=True)
class Window:
    """The answer for one window of a long text: its ``logits`` and its ``scores`` (0 to 1), by label.

    The window is ``text[start:end]`` of the user's text, and has that many ``tokens`` besides the special ones.
    """

    start: int
    end: int
    tokens: int
    logits: dict[str, float]
    scores: dict[str, float]


@dataclass(frozen=True)
class Prediction:
    """A prediction: the best ``label``, its ``score`` (0 to 1), and all ``scores`` in the checkpoint's label order."""

    label: str
    score: float
    scores: dict[str, float]
    truncated: bool = False
    """True if the text is longer than the model reads, so that the prediction is for a part of it."""
    windows: tuple[Window, ...] = field(default=(), compare=False)
    """The windows in which the text was read, in order; none unless windows were asked for.

    Predictions with equal scores are equal, however the texts were read.
    """


@dataclass(frozen=True)
class Head:
    """A classification head: its labels, and how its logits become scores.

    Multi-label heads and heads with one logit use the sigmoid of each logit; all other heads use the softmax.
    The pipeline of transformers treats ``problem_type`` in the same way.
    """

    labels: tuple[str, ...]
    problem_type: str | None = None

    def __post_init__(self) -> None:
        kinds = (None, "single_label_classification", "multi_label_classification")
        if self.problem_type not in kinds:
            raise BundleFormatError(
                f"config.json: expected a single-label, multi-label or one-logit head, found problem_type "
                f"{shown(self.problem_type)}, which Linnet does not support"
            )

    @property
    def exclusive(self) -> bool:
        """True if exactly one label applies, so that the scores add up to 1."""
        return len(self.labels) > 1 and self.problem_type != "multi_label_classification"

    def scores(self, logits: Floats) -> Floats:
        """Returns the softmax or sigmoid of the logits: float32 (n, labels), the shape of the logits."""
        if not self.exclusive:
            sigmoid: Floats = np.exp(-np.logaddexp(np.float32(0), -logits))
            return sigmoid
        exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
        scores: Floats = exponentials / exponentials.sum(axis=-1, keepdims=True)
        return scores

    def predictions(
        self, logits: Floats, truncated: Sequence[bool] = (), windows: Sequence[tuple[Window, ...]] = ()
    ) -> list[Prediction]:
        """Returns one prediction per row of the logits.

        ``truncated`` says whether the row's text was, by default not; ``windows`` has those of each text, by default
        none.
        """
        count = len(logits)
        return [
            Prediction(self.labels[best], row[best], dict(zip(self.labels, row, strict=True)), cut, parts)
            for best, row, cut, parts in zip(
                logits.argmax(axis=-1),
                self.scores(logits).tolist(),
                truncated or [False] * count,
                windows or [()] * count,
                strict=True,
            )
        ]

    def windows(self, read: TextWindows, logits: Floats) -> tuple[Window, ...]:
        """Returns the answer for each window of a text, from the logits of its windows: float32 (windows, labels)."""
        return tuple(
            Window(*span, tokens, *(dict(zip(self.labels, row, strict=True)) for row in rows))
            for span, tokens, *rows in zip(
                read.spans, read.tokens, logits.tolist(), self.scores(logits).tolist(), strict=True
            )
        )
