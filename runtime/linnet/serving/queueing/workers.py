"""The threads that run batches. They live as long as the server, and sleep while nothing waits."""

import threading
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np

from ...arrays import Floats
from ...inference.batching import Batch
from .jobs import Item, Job, Turn
from .queue import Queue

Observe = Callable[[Turn, float], None]
"""A function that is told of each batch: the batch, and the seconds that it took."""


class Workers:
    """Threads that run what a queue gives.

    Args:
        queue: where batches come from.
        threads: the number of threads.
        observe: told of each batch.
    """

    def __init__(self, queue: Queue, *, threads: int, observe: Observe) -> None:
        self._queue, self._observe = queue, observe
        self._threads = [
            threading.Thread(target=self._work, name=f"linnet-serve-{number}", daemon=True) for number in range(threads)
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """True if all threads run."""
        return all(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Ends the threads once nothing waits."""
        self._queue.close()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (turn := self._queue.take()) is not None:
            start = perf_counter()
            try:
                run(turn)
            except Exception as error:  # the requests fail, and the worker goes on
                for job, *_ in turn.items:
                    job.error = error
            seconds = perf_counter() - start
            done = self._queue.give_back(turn, seconds)
            self._observe(turn, seconds)
            for job in done:
                job.done(job)


def run(turn: Turn) -> None:
    """Runs a batch, and gives each text its row. Texts with equal ids run once."""
    distinct: dict[tuple[int, ...], list[Item]] = {}
    for item in turn.items:
        distinct.setdefault(tuple(item.ids), []).append(item)
    batch = Batch(np.arange(len(distinct)), np.array(list(distinct), dtype=np.int64))
    session = turn.items[0].job.session
    output = session.run_alone(batch) if turn.alone else session.run(batch)
    for items, values in zip(distinct.values(), output, strict=True):
        for job, number, _ in items:
            if not job.cancelled:
                job.rows[number] = job.finish(values)


def rows_of(job: Job) -> Sequence[Floats]:
    """Returns the rows of a job that is done."""
    found = [row for row in job.rows if row is not None]
    assert len(found) == len(job.rows)
    return found
