"""How fast tokens are run: measured, to tell a client when to try again."""

_MEMORY = 0.9
"""The weight of what was measured before, at each batch."""

_GUESS = 5000.0
"""Tokens a second of a RoBERTa-base on two cores."""


class Rate:
    """Tokens a second, over the last batches."""

    def __init__(self) -> None:
        self._tokens = self._seconds = 0.0

    def add(self, tokens: int, seconds: float, *, share: int) -> None:
        """Counts a batch; ``share`` is the number of batches that ran at once."""
        self._tokens = self._tokens * _MEMORY + tokens
        self._seconds = self._seconds * _MEMORY + seconds / share

    @property
    def value(self) -> float:
        """Tokens a second; a guess if nothing was measured."""
        return self._tokens / self._seconds if self._seconds else _GUESS

    def seconds(self, tokens: int) -> float:
        """Returns how long so many tokens take."""
        return tokens / self.value
