"""What the server counts, in the format of Prometheus. Imports `prometheus_client`."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ...inference.batching import TOKEN_BUDGET
from ..queueing.jobs import Turn
from ..queueing.queue import Queue
from .drift import Drift

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_OF = ("model", "version")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_TEXTS = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """The server's metrics.

    Args:
        queue: the queue whose size is shown.
        reference: the expected share of each label, by model.
    """

    def __init__(self, queue: Queue, reference: Mapping[str, Mapping[str, float]]) -> None:
        self._registry = CollectorRegistry()
        self._reference = reference
        self._drifts: dict[tuple[str, str], Drift] = {}
        self._shares: dict[tuple[str, str, str], list[int]] = {}
        self.requests = self._counter("requests", "Requests by route and status.", "route", "status")
        self.seconds = self._histogram("request_seconds", "Time from head to answer.", _SECONDS, "route")
        self.texts = self._counter("texts", "Texts that were answered.", *_OF)
        self.tokens = self._counter("tokens", "Tokens of the texts that were answered.", *_OF)
        self.truncated = self._counter("truncated_texts", "Texts that were longer than the model reads.", *_OF)
        self.labels = self._counter("labels", "Texts by the label that was given.", *_OF, "label")
        self.drift = self._gauge("label_drift", "Distance of recent label shares from the reference, 0 to 1.", *_OF)
        self.failed_swaps = self._counter("failed_swaps", "Versions that were not taken.", "model")
        self.swaps = self._counter("swaps", "Versions that took the traffic.", *_OF)
        pair = (*_OF, "candidate")
        self.mirrored = self._counter("mirrored_texts", "Texts that a candidate answered too.", *pair)
        self.differing = self._counter("mirrored_differing_texts", "Mirrored texts with another label.", *pair)
        self.share = self._gauge("mirrored_differing_share", "Share of mirrored texts with another label.", *pair)
        self.queued = self._histogram("queue_seconds", "Time that requests waited.", _SECONDS)
        self.batches = self._histogram("batch_seconds", "Time of a batch.", _SECONDS)
        self.fill = self._histogram("batch_fill", "Tokens of a batch over the most that it may have.", _SHARES)
        self.sizes = self._histogram("batch_texts", "Texts of a batch.", _TEXTS)
        self.batch_tokens = self._counter("batch_tokens", "Tokens that were run; none of them is padding.")
        self._gauge("queue_texts", "Texts that wait.").set_function(lambda: queue.texts)
        self._gauge("queue_tokens", "Tokens that wait or run.").set_function(lambda: queue.tokens)
        self._gauge("queue_limit_tokens", "The most tokens that may wait or run.").set(queue.most)
        self._gauge("tokens_per_second", "Measured over the last batches.").set_function(lambda: queue.rate.value)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"linnet_{name}", what, labels, registry=self._registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"linnet_{name}", what, labels, registry=self._registry)

    def _histogram(self, name: str, what: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"linnet_{name}", what, labels, buckets=buckets, registry=self._registry)

    def observe(self, turn: Turn, seconds: float) -> None:
        """Counts a batch."""
        self.batches.observe(seconds)
        self.fill.observe(min(1.0, turn.tokens / TOKEN_BUDGET))
        self.sizes.observe(len(turn.items))
        self.batch_tokens.inc(turn.tokens)

    def label(self, model: str, version: str, labels: Sequence[str | None]) -> None:
        """Counts the labels that texts were given; None is no label, because the score was below its threshold."""
        drift = self._drifts.setdefault((model, version), Drift(self._reference.get(model)))
        for label in labels:
            self.labels.labels(model, version, label or "").inc()
            drift.add(label)
        if (distance := drift.distance) is not None:
            self.drift.labels(model, version).set(distance)

    def mirror(self, model: str, version: str, candidate: str, *, texts: int, differing: int) -> None:
        """Counts texts that a candidate answered too."""
        names = (model, version, candidate)
        self.mirrored.labels(*names).inc(texts)
        self.differing.labels(*names).inc(differing)
        counts = self._shares.setdefault(names, [0, 0])
        counts[0] += texts
        counts[1] += differing
        self.share.labels(*names).set(counts[1] / counts[0])

    def shown(self) -> bytes:
        """Returns all metrics as text."""
        return generate_latest(self._registry)
