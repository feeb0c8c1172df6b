"""The labels that a version gives → how far their shares are from the expected ones."""

from collections import Counter, deque
from collections.abc import Mapping

WINDOW = 1000
"""The number of texts over which shares are taken."""


class Drift:
    """The shares of the labels of the last texts, beside reference shares.

    Without reference shares, those of the first `WINDOW` texts are the reference.
    """

    def __init__(self, reference: Mapping[str, float] | None = None) -> None:
        self._reference = dict(reference) if reference else None
        self._recent: deque[str | None] = deque()
        self._counts: Counter[str | None] = Counter()

    def add(self, label: str | None) -> None:
        """Counts a text's label; None is a text without one."""
        self._recent.append(label)
        self._counts[label] += 1
        if len(self._recent) > WINDOW:
            self._counts[self._recent.popleft()] -= 1
        elif self._reference is None and len(self._recent) == WINDOW:
            self._reference = {str(label): share for label, share in self._shares().items()}

    @property
    def distance(self) -> float | None:
        """Half the sum of the differences of the shares, from 0 to 1; None before there are enough texts."""
        if self._reference is None or not self._recent:
            return None
        found = {str(label): share for label, share in self._shares().items()}
        return sum(abs(found.get(name, 0) - self._reference.get(name, 0)) for name in {*found, *self._reference}) / 2

    def _shares(self) -> dict[str | None, float]:
        return {label: count / len(self._recent) for label, count in self._counts.items() if count}
