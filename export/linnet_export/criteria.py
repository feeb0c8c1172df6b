"""Measured values held against the bounds that they must not pass."""

from collections.abc import Sequence
from dataclasses import dataclass

LOGIT_DRIFT_NAME = "INT8 logits, mean |Δ| over their spread"
LOGIT_DRIFT = 0.5
"""How far INT8 logits may be off in the mean, over their spread from text to text."""

COSINE_MEAN, COSINE_LEAST = 0.99, 0.95
"""What the cosine of an INT8 vector with its original must come to."""


@dataclass(frozen=True)
class Criterion:
    """A measured ``value`` over ``n`` cases, held against a ``bound`` that it must not pass.

    ``at_least`` says on which side of the bound it must be; ``share`` that it is a share of the cases.
    Over no cases it passes.
    """

    name: str
    value: float
    bound: float
    at_least: bool
    n: int
    share: bool = False

    @property
    def passed(self) -> bool:
        """Whether the value is on the right side of its bound."""
        return self.n == 0 or (self.value >= self.bound if self.at_least else self.value <= self.bound)

    @property
    def measured(self) -> str:
        """The value, for people: a share in per cent, anything else as it is."""
        return f"{self.value:.2%}" if self.share else f"{self.value:.4f}" if self.at_least else f"{self.value:.2g}"

    @property
    def required(self) -> str:
        """The bound, for people."""
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.bound:.0%}" if self.share else f"{sign} {self.bound:.2g}"


def share(name: str, flags: Sequence[bool], bound: float) -> Criterion:
    """The share of the cases for which something holds, at least ``bound``."""
    value = sum(flags) / len(flags) if flags else 1.0
    return Criterion(name, value, bound, at_least=True, n=len(flags), share=True)


def equal(expected: Sequence[object], found: Sequence[object]) -> list[bool]:
    """Which pairs are equal."""
    return [a == b for a, b in zip(expected, found, strict=True)]


def cosine_name(of: str, which: str) -> str:
    """The name of a criterion of embeddings: ``of`` a text or a token, ``which`` of the cosines, mean or least."""
    return f"cosine of a {of}'s vector with the original's, {which}"
