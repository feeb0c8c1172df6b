"""The bounds that a bundle has to keep, and the comparison of measured values with them."""

from collections.abc import Sequence
from dataclasses import dataclass

FP32_DRIFT = 1e-4
"""The greatest difference allowed between the fp32 graph and the original; for hidden states over their greatest, or 1."""

CLEAR_MARGIN = 0.1
"""The original is taken to be sure of its label if the margin exceeds this."""

LABEL_AGREEMENT, CLEAR_LABEL_AGREEMENT = 0.95, 0.98
"""The smallest shares of texts with the original's label: of all texts, and of those with a clear margin."""

LOGIT_DRIFT_NAME = "INT8 logits, mean |Δ| over their spread"
LOGIT_DRIFT = 0.5
"""The greatest mean difference allowed for INT8 logits, over their spread from text to text."""

COSINE_MEAN, COSINE_LEAST = 0.99, 0.95
"""The lowest mean and the lowest single cosine allowed between INT8 vectors and their originals."""

HIDDEN_COSINE_MEAN, ATTENTION_MOVED = 0.98, 0.1
"""For INT8 internals: the lowest mean cosine of a token's vector in any layer, and the greatest mean share, 0 to 1, of
a token's attention that goes to other tokens than in the original."""


@dataclass(frozen=True)
class Criterion:
    """A measured value and its bound; passes if there are no cases."""

    name: str
    """The name in reports and in ``parity.json``."""
    value: float
    """The measured value."""
    bound: float
    """The bound that the value must not pass."""
    at_least: bool
    """Whether the bound is a minimum; otherwise, it is a maximum."""
    n: int
    """The number of cases."""
    share: bool = False
    """Whether the value is a share of the cases."""

    @property
    def passed(self) -> bool:
        """Whether the value is within its bound."""
        return self.n == 0 or (self.value >= self.bound if self.at_least else self.value <= self.bound)

    @property
    def measured(self) -> str:
        """The value as text: a share in per cent, other values as numbers."""
        return f"{self.value:.2%}" if self.share else f"{self.value:.4f}" if self.at_least else f"{self.value:.2g}"

    @property
    def required(self) -> str:
        """The bound as text."""
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.bound:.0%}" if self.share else f"{sign} {self.bound:.2g}"


def share(name: str, flags: Sequence[bool], bound: float) -> Criterion:
    """Returns the criterion that the share of true ``flags`` is at least ``bound``."""
    value = sum(flags) / len(flags) if flags else 1.0
    return Criterion(name, value, bound, at_least=True, n=len(flags), share=True)


def equal(expected: Sequence[object], found: Sequence[object]) -> list[bool]:
    """Returns, for each pair of items, whether they are equal."""
    return [a == b for a, b in zip(expected, found, strict=True)]


def cosine_name(of: str, which: str) -> str:
    """Returns the name of a criterion on embeddings: ``of`` is text or token, ``which`` is mean or least."""
    return f"cosine of a {of}'s vector with the original's, {which}"
