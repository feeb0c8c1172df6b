"""Texts of a request → their rows, through the queue that all requests share."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from ..arrays import Floats
from ..errors import LinnetError, TextTypeError, TextValueError
from ..tokenization.encoding import TokenIds
from .failures import RequestError
from .options import Limits
from .queueing.jobs import Finish, Job
from .queueing.queue import Queue
from .queueing.workers import rows_of
from .versions.registry import Registry
from .versions.version import Version
from .watching.metrics import Metrics

_T = TypeVar("_T")

_SHORT = 4000
"""The most characters that are read on the event loop: that takes about a millisecond. A thread reads longer texts."""


@dataclass
class Answered:
    """The rows of a request's texts."""

    version: Version
    rows: Sequence[Floats]
    read: Sequence[TokenIds]
    queued: float
    """Seconds that the first text waited."""
    ran: float
    """Seconds from then to the last row."""

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return sum(len(found.ids) for found in self.read)


class Service:
    """What answers requests: the models, the queue, and a thread for long texts.

    Args:
        registry: the models.
        queue: the queue that workers take from.
        limits: what bounds requests.
        metrics: what is counted.
    """

    def __init__(self, registry: Registry, queue: Queue, limits: Limits, metrics: Metrics) -> None:
        self.registry, self.queue, self.limits, self.metrics = registry, queue, limits, metrics
        self.ready = False
        """True while requests are taken."""
        self.alive: Callable[[], bool] = lambda: True
        """Returns True while the workers live."""
        self.document: Callable[[], bytes] = lambda: b"{}"
        """Returns the OpenAPI document."""
        self.explaining = 0
        self.explainers = ThreadPoolExecutor(limits.explanations, thread_name_prefix="linnet-explaining")
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="linnet-reading")
        self._mirrors: set[asyncio.Task[None]] = set()

    async def aside(self, work: Callable[[], _T]) -> _T:
        """Runs work that would hold the event loop up, on the one thread for such work."""
        return await asyncio.get_running_loop().run_in_executor(self._helper, work)

    async def read(self, version: Version, texts: Sequence[str], *, truncate: bool = True) -> list[TokenIds]:
        """Returns the ids of a request's texts.

        Raises:
            RequestError: there are none, or too many, or one cannot be read, or is too long and not to be truncated.
        """
        found = list(texts)
        if not found:
            raise RequestError("empty", "expected at least one text, found none")
        if len(found) > self.limits.texts:
            raise RequestError(
                "validation", f"expected at most {self.limits.texts} texts in a request, found {len(found)}; send fewer"
            )
        try:
            if sum(map(len, found)) <= _SHORT:
                read = version.read(found)
            else:
                read = await self.aside(lambda: version.read(found))
        except (TextTypeError, TextValueError) as error:
            raise RequestError("tokenizer", str(error)) from None
        if not truncate and (longer := [index for index, each in enumerate(read) if each.truncated]):
            raise RequestError(
                "validation",
                f"text {longer[0]}: expected at most {version.settings.max_length} tokens, found more; "
                "shorten it, or allow truncation",
            )
        return read

    async def rows(
        self, version: Version, read: Sequence[TokenIds], finish: Finish | None = None, *, mirror: bool = True
    ) -> Answered:
        """Returns the rows of texts that were read.

        The caller's timeout cancels what waits. ``finish`` is what is kept of the output for each text; by default
        what the model's own answers are made of.

        Raises:
            RequestError: the queue is full, or the model failed.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Job] = loop.create_future()

        def done(job: Job) -> None:
            loop.call_soon_threadsafe(_resolve, future, job)

        job = Job(version.encoder.session, [found.ids for found in read], finish or version.finish, done)
        self.queue.put(job)
        try:
            await future
        finally:
            self.queue.cancel(job)
        if job.error is not None:
            if isinstance(job.error, LinnetError):
                raise RequestError("backend", f"{version.id} cannot run this: {job.error}")
            raise job.error
        begun = job.begun or job.since
        answered = Answered(version, rows_of(job), read, begun - job.since, monotonic() - begun)
        self._count(answered)
        if mirror and finish is None:
            self._mirror(answered)
        return answered

    def blocking(self, version: Version, texts: Sequence[str], loop: asyncio.AbstractEventLoop) -> Sequence[Floats]:
        """Returns the rows of texts, for a thread that waits for them: an explanation's variants."""

        async def ask() -> Sequence[Floats]:
            return (await self.rows(version, read, mirror=False)).rows

        read = version.read(list(texts))
        return asyncio.run_coroutine_threadsafe(ask(), loop).result(self.limits.timeout)

    def _count(self, answered: Answered) -> None:
        names = answered.version.name, answered.version.label
        self.metrics.texts.labels(*names).inc(len(answered.read))
        self.metrics.tokens.labels(*names).inc(answered.tokens)
        if truncated := sum(found.truncated for found in answered.read):
            self.metrics.truncated.labels(*names).inc(truncated)
        self.metrics.queued.observe(answered.queued)

    def _mirror(self, answered: Answered) -> None:
        """Has the candidate answer the same texts, after the client has its answer, unless the queue is half full."""
        served = self.registry.models.get(answered.version.name)
        candidate = served and served.candidate
        if not candidate or answered.version is not served.current or self.queue.tokens > self.queue.most // 2:  # type: ignore[union-attr]
            return
        task = asyncio.get_running_loop().create_task(self._compare(answered, candidate))
        self._mirrors.add(task)
        task.add_done_callback(self._mirrors.discard)

    async def _compare(self, answered: Answered, candidate: Version) -> None:
        try:
            found = await self.rows(candidate, answered.read, mirror=False)
        except RequestError:
            return
        differing = sum(
            answered.version.outcome(row) != candidate.outcome(other)
            for row, other in zip(answered.rows, found.rows, strict=True)
        )
        names = answered.version.name, answered.version.label, candidate.label
        self.metrics.mirror(*names, texts=len(found.rows), differing=differing)

    def close(self) -> None:
        """Ends the threads for long texts and for explanations."""
        self.explainers.shutdown(wait=False, cancel_futures=True)
        self._helper.shutdown(wait=False, cancel_futures=True)


def _resolve(future: "asyncio.Future[Job]", job: Job) -> None:
    if not future.done():
        future.set_result(job)
