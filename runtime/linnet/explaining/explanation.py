"""What each word of a text contributes to a label."""

from dataclasses import dataclass

from ..tokenization.encoding import Span

PERMUTATIONS = 64
"""The default number of orders that Shapley values are sampled from: 1,218 variants of a text of 20 words."""


@dataclass(frozen=True)
class Explanation:
    """What each word of a text contributes to the logit and the score of a label.

    ``words``, ``spans``, ``contributions``, ``score_contributions`` and ``errors`` have the same length: a value for
    each word that the model reads.
    """

    text: str
    """The text as the user gave it."""
    label: str
    """The label that is explained."""
    method: str
    """``leave-one-out`` or ``shapley``."""
    words: tuple[str, ...]
    """The words that the model reads; white space separates them."""
    spans: tuple[Span, ...]
    """The characters of the text that each word stands for; the end is exclusive."""
    contributions: tuple[float, ...]
    """How much each word raises the label's logit; negative if it lowers it."""
    score_contributions: tuple[float, ...]
    """How much each word raises the label's score, which is between 0 and 1."""
    errors: tuple[float, ...]
    """The standard error of each contribution; 0 where the contributions are computed exactly."""
    logit: float
    """The label's logit for the text."""
    base: float
    """The label's logit for an empty text."""
    score: float
    """The label's score for the text."""
    base_score: float
    """The label's score for an empty text."""
    truncated: bool
    """True if the text is longer than the model reads: the words that were cut off are left out."""

    @property
    def error(self) -> float:
        """The greatest standard error of a contribution."""
        return max(self.errors, default=0.0)

    @property
    def remainder(self) -> float:
        """What the contributions leave of ``logit - base``: 0 but for rounding with Shapley values.

        With ``leave-one-out`` it is what words contribute together, such as the two words of "not bad".
        """
        return self.logit - self.base - sum(self.contributions)
