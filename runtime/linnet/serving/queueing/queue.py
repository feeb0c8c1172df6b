"""The queue that all requests share: it decides what runs next.

A worker that becomes free takes a batch of what is there, so a lone text never waits for company. While texts wait
anyway, the length that most of them have goes first: a larger batch takes less time for each text. No text is passed
over for longer than the queue's patience.
"""

import threading
from collections import deque
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
        patience: seconds for which a text may be passed over.
    """

    def __init__(self, *, most: int, patience: float) -> None:
        self._most, self._patience = most, patience
        self._groups: dict[_Key, deque[Item]] = {}
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
            for index, ids in enumerate(job.ids):
                self._groups.setdefault((job.session, len(ids)), deque()).append(Item(job, index))
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
                    kept = deque(item for item in group if item.job is not job)
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
            for job, _ in turn.items:
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
        key = self._chosen()
        session, length = key
        group = self._groups[key]
        items = [group.popleft() for _ in range(min(len(group), max(1, TOKEN_BUDGET // max(1, length))))]
        self._keep(key, group)
        self._texts -= len(items)
        now = monotonic()
        for job, index in items:
            job.waiting -= len(job.ids[index])
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

    def _chosen(self) -> _Key:
        """Returns the length that most texts have, or that of the oldest text if it has waited too long."""
        oldest = min(self._groups, key=lambda key: self._groups[key][0].job.since)
        if monotonic() - self._groups[oldest][0].job.since > self._patience:
            return oldest
        return max(self._groups, key=lambda key: (len(self._groups[key]), -self._groups[key][0].job.since))

    def _keep(self, key: _Key, group: deque[Item]) -> None:
        if group:
            self._groups[key] = group
        else:
            del self._groups[key]
