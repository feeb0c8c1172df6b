"""How logits become scores that say how often the label is right, and how high a score has to be for an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ..errors import InputError
from ..fields import meant, shown

Thresholds: TypeAlias = Mapping[str, float | None]
"""By label, the least score with which it is answered; None if never. Labels that are not named are always answered."""

LEAST_TEMPERATURE, GREATEST_TEMPERATURE, GREATEST_BIAS = 0.01, 100.0, 1000.0
"""The limits of what a calibration may do to logits; float32 has room for more."""

MinScore: TypeAlias = float | Thresholds
"""The least score of an answer: one for all labels, or one for each."""


@dataclass(frozen=True)
class Calibration:
    """What a bundle's calibration says: scores are made of ``logits / temperature + bias``.

    Raises:
        ValueError: a number is out of range.
    """

    temperature: float = 1.0
    """What the logits are divided by: above 1 for a model that is too sure of itself."""
    bias: Mapping[str, float] = field(default_factory=dict)
    """By label, what is added to its divided logit; labels that are not named have 0."""
    thresholds: Thresholds = field(default_factory=dict)
    """By label, the least score with which it is answered."""

    def __post_init__(self) -> None:
        if not LEAST_TEMPERATURE <= self.temperature <= GREATEST_TEMPERATURE:
            raise ValueError(
                f"expected a temperature from {LEAST_TEMPERATURE} to {GREATEST_TEMPERATURE:.0f}, "
                f"found {self.temperature:g}"
            )
        for label, value in self.bias.items():
            if not abs(value) <= GREATEST_BIAS:
                raise ValueError(f"expected the bias of {shown(label)} within ±{GREATEST_BIAS:.0f}, found {value:g}")
        for label, score in self.thresholds.items():
            if score is not None and not 0 <= score <= 1:
                raise ValueError(f"expected the threshold of {shown(label)} from 0 to 1, found {score:g}")


def thresholds_of(labels: Sequence[str], min_score: MinScore) -> list[float]:
    """Returns the least score of each label: 0 for a label that is always answered, infinity for never.

    Raises:
        InputError: a score is not a number from 0 to 1, or a label is none of ``labels``.
    """
    if not isinstance(min_score, Mapping):
        return [_checked(min_score)] * len(labels)
    for label in min_score:
        if label not in labels:
            remedy = meant(label, labels, "name one of these")
            raise InputError(f"min_score: expected labels among {', '.join(labels)}, found {shown(label)}; {remedy}")
    return [_checked(min_score.get(label, 0.0)) for label in labels]


def _checked(score: float | None) -> float:
    if score is None:
        return float("inf")
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 <= score <= 1:
        raise InputError(f"min_score: expected a number from 0 to 1, found {shown(score)}; for 80 %: 0.8")
    return float(score)
