"""How fast tokens are run: measured, to tell a client when to try again."""

_MEMORY = 0.9
"""The weight of what was measured before, at each batch."""


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
        """Tokens a second; 0 if nothing was measured."""
        return self._tokens / self._seconds if self._seconds else 0.0

    def seconds(self, tokens: int) -> float:
        """Returns how long so many tokens take; 1 if nothing was measured."""
        return tokens / self.value if self.value else 1.0
