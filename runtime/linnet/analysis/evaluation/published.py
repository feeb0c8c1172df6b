"""Published figures of a checkpoint → the same metrics, measured here."""

from collections.abc import Sequence
from typing import NamedTuple

from ...bundle.manifest import Figure
from .evaluating import Metrics
from .intervals import Measure
from .metrics import TITLES


class Beside(NamedTuple):
    """A published figure, and the same metric measured here; None if that metric is not measured."""

    figure: Figure
    measured: Measure | None

    @property
    def verdict(self) -> str:
        """What the two say of each other, if both are about the same texts."""
        if self.measured is None:
            return "not measured here"
        if self.figure.value / 100 in self.measured:
            return "within the interval"
        return "below the interval" if self.figure.value / 100 < self.measured.low else "above the interval"


def beside(published: Sequence[Figure], metrics: Metrics) -> list[Beside]:
    """Returns each published figure with the metric that its text starts with. Figures are in percent."""
    measured = {TITLES[name].lower(): measure for name, measure in metrics.named().items()}
    return [Beside(figure, measured.get(figure.what.partition(",")[0].strip().lower())) for figure in published]
