"""The queue that all requests share: it decides what runs next.

A worker that becomes free takes a batch of what is there, so a text never waits for company. The text that is due
first goes next, and with it all that have its length, as far as they fit in a batch. The texts of one request are due
one after the other, as fast as texts are run, so that a lone text does not wait behind a thousand of another client.
"""

import threading
from bisect import insort
from time import monotonic

from ...inference.batching import TOKEN_BUDGET
from ...inference.session import Session
from ..failures import RequestError
from .jobs import Item, Job, Turn
from .rate import Rate

_Key = tuple[Session, int]
"""What texts of one batch have in common: what runs them, and their length."""


class Queue:
    """Texts that wait, by length. Threads may share it.

    Args:
        most: the most tokens that wait or run.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._groups: dict[_Key, list[Item]] = {}
        self._changed = threading.Condition()
        self._texts = self._tokens = self._running = 0
        self._wide = False
        self._closed = False
        self.rate = Rate()

    @property
    def texts(self) -> int:
        """The number of texts that wait."""
        return self._texts

    @property
    def tokens(self) -> int:
        """The number of tokens that wait or run."""
        return self._tokens

    @property
    def most(self) -> int:
        """The most tokens that may wait or run."""
        return self._most

    def put(self, job: Job) -> None:
        """Adds a job.

        Raises:
            RequestError: the job can never fit (``validation``), the queue is full (``overloaded``), or it is closed.
        """
        if job.tokens > self._most:
            raise RequestError(
                "validation",
                f"expected at most {self._most} tokens in a request, found {job.tokens}; send fewer texts at a time",
            )
        with self._changed:
            if self._closed:
                raise RequestError("unhealthy", "the server is shutting down", retry_after=1)
            if self._tokens + job.tokens > self._most:
                raise RequestError(
                    "overloaded",
                    f"{self._tokens} tokens wait already, and {self._most} may; try again later",
                    retry_after=self.rate.seconds(self._tokens),
                )
            before, second = 0, self.rate.seconds(1)
            for number, ids in enumerate(job.ids):
                item = Item(job, number, due=job.since + before * second)
                insort(self._groups.setdefault((job.session, len(ids)), []), item, key=_due)
                before += len(ids)
            self._texts += len(job.ids)
            self._tokens += job.tokens
            self._changed.notify()

    def cancel(self, job: Job) -> None:
        """Takes what still waits of a job out of the queue; its client no longer needs it."""
        with self._changed:
            if job.cancelled or not job.left:
                return
            job.cancelled = True
            for key in {(job.session, len(ids)) for ids in job.ids}:
                group = self._groups.get(key)
                if group is not None:
                    kept = [item for item in group if item.job is not job]
                    self._texts -= len(group) - len(kept)
                    self._keep(key, kept)
            self._tokens -= job.waiting
            job.waiting = 0

    def take(self) -> Turn | None:
        """Returns the next batch; waits for one. Returns None once the queue is closed and empty."""
        with self._changed:
            while True:
                if self._groups and not self._wide:
                    return self._turn()
                if self._closed and not self._groups:
                    return None
                self._changed.wait()

    def give_back(self, turn: Turn, seconds: float) -> list[Job]:
        """Ends a turn; returns the jobs that are done with it."""
        with self._changed:
            if turn.alone:
                self._running -= 1
            else:
                self._wide = False
            self._tokens -= turn.tokens
            self.rate.add(turn.tokens, seconds, share=1 if not turn.alone else max(1, self._running + 1))
            if self._groups:
                self._changed.notify_all()
            done = []
            for job, *_ in turn.items:
                job.left -= 1
                if not job.left:
                    done.append(job)
            return done

    def close(self) -> None:
        """Takes no more jobs; what waits is still run."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _turn(self) -> Turn:
        key = min(self._groups, key=lambda key: self._groups[key][0].due)
        session, length = key
        group, most = self._groups[key], max(1, TOKEN_BUDGET // max(1, length))
        items = group[:most]
        self._keep(key, group[most:])
        self._texts -= len(items)
        now = monotonic()
        for job, number, _ in items:
            job.waiting -= len(job.ids[number])
            if job.begun is None:
                job.begun = now
        alone = session.threads == 1 or self._running > 0 or bool(self._groups)
        if alone:
            self._running += 1
            if self._groups:
                self._changed.notify()
        else:
            self._wide = True
        return Turn(items, alone)

    def _keep(self, key: _Key, group: list[Item]) -> None:
        if group:
            self._groups[key] = group
        else:
            del self._groups[key]


def _due(item: Item) -> float:
    return item.due
