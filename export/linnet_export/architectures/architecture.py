"""The facts about a family of encoders that its exported graph does not show."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    """A family of encoders."""

    pools: bool
    """True if transformers adds a pooling layer after the encoder; embeddings do not need it."""
