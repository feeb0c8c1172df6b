"""What the layers of a model compute for one text."""

from dataclasses import dataclass

from ..arrays import Floats
from ..tokenization.encoding import Span


@dataclass(frozen=True, eq=False)
class Internals:
    """The hidden states and attentions of one text, as the model reads it: special tokens included, truncated.

    ``tokens``, ``offsets`` and the ``seq`` axes of the arrays have the same length.
    """

    text: str
    """The text as the user gave it."""
    tokens: list[str]
    """The tokens as text."""
    offsets: list[Span]
    """The characters of the user's text that each token stands for; ``(0, 0)`` for special tokens."""
    hidden_states: Floats
    """The vectors of the tokens: float32 (layers + 1, seq, dimension).

    The first are the embeddings, the others the output of each layer.
    """
    attentions: Floats
    """The attention weights: float32 (layers, heads, seq, seq).

    ``attentions[layer, head, i, j]`` is how much token i attends to token j; over j, they add up to 1.
    """
    truncated: bool = False
    """True if the text is longer than the model reads, so that its end (or its beginning) was cut off."""

    @property
    def attention(self) -> Floats:
        """How much the first token attends to each token in the last layer, in the mean over the heads: float32 (seq,)."""
        mean: Floats = self.attentions[-1, :, 0].mean(axis=0)
        return mean
