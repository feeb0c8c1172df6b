"""Logits → scores → predictions."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..arrays import Floats
from ..errors import BundleFormatError
from ..fields import shown
from ..tokenization.windows import TextWindows
from .calibration import Calibration, MinScore, thresholds_of


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
    """A prediction: the best ``label``, its ``score`` (0 to 1), and all ``scores`` in the checkpoint's label order.

    ``label`` is None if the score of the best label is below its threshold: the model does not answer.
    """

    label: str | None
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
    The pipeline of transformers treats ``problem_type`` in the same way. A calibration changes the logits before.
    """

    labels: tuple[str, ...]
    problem_type: str | None = None
    calibration: Calibration | None = None

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
        """Returns the softmax or sigmoid of the calibrated logits: float32 (n, labels), the shape of the logits."""
        logits = self._calibrated(logits)
        if not self.exclusive:
            sigmoid: Floats = np.exp(-np.logaddexp(np.float32(0), -logits))
            return sigmoid
        exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
        scores: Floats = exponentials / exponentials.sum(axis=-1, keepdims=True)
        return scores

    def predictions(
        self,
        logits: Floats,
        truncated: Sequence[bool] = (),
        windows: Sequence[tuple[Window, ...]] = (),
        *,
        min_score: MinScore | None = None,
    ) -> list[Prediction]:
        """Returns one prediction per row of the logits.

        Args:
            logits: float32 (n, labels).
            truncated: whether each row's text was truncated; by default none was.
            windows: the windows of each row's text; by default none.
            min_score: the least score of an answer; by default the thresholds of the calibration.

        Raises:
            InputError: ``min_score`` is not from 0 to 1, or names a label that there is not.
        """
        least, count = self.least(min_score), len(logits)
        return [
            Prediction(
                self.labels[best] if row[best] >= least[best] else None,
                row[best],
                dict(zip(self.labels, row, strict=True)),
                cut,
                parts,
            )
            for best, row, cut, parts in zip(
                self._calibrated(logits).argmax(axis=-1),
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

    def least(self, min_score: MinScore | None) -> list[float]:
        """Returns the least score of an answer with each label; by default that of the calibration, else 0.

        Raises:
            InputError: ``min_score`` is not from 0 to 1, or names a label that there is not.
        """
        if min_score is None:
            min_score = self.calibration.thresholds if self.calibration else 0.0
        return thresholds_of(self.labels, min_score)

    def _calibrated(self, logits: Floats) -> Floats:
        """Returns the logits that scores are made of."""
        if self.calibration is None:
            return logits
        bias = np.array([self.calibration.bias.get(label, 0.0) for label in self.labels], dtype=np.float32)
        calibrated: Floats = logits / np.float32(self.calibration.temperature) + bias
        return calibrated
