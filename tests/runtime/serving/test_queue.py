"""What runs next, and what is refused."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from linnet.arrays import Floats
from linnet.inference.batching import Batch
from linnet.serving.failures import RequestError
from linnet.serving.queueing.jobs import Job
from linnet.serving.queueing.queue import Queue
from linnet.serving.queueing.workers import Workers, run


class Fake:
    """A session whose output for a text is the sum of its ids."""

    def __init__(self, threads: int = 2, error: Exception | None = None) -> None:
        self.threads, self.error = threads, error
        self.sizes: list[tuple[int, int, bool]] = []

    def _output(self, batch: Batch, alone: bool) -> Floats:
        if self.error:
            raise self.error
        self.sizes.append((*batch.input_ids.shape, alone))
        found: Floats = batch.input_ids.sum(axis=1, keepdims=True).astype(np.float32)
        return found

    def run(self, batch: Batch) -> Floats:
        return self._output(batch, False)

    def run_alone(self, batch: Batch) -> Floats:
        return self._output(batch, True)


def job(session: Any, ids: Sequence[Sequence[int]]) -> Job:
    return Job(session, ids, np.copy, lambda _: None)


def lengths(queue: Queue) -> list[list[int]]:
    """The lengths of the texts of each batch, until nothing waits."""
    found = []
    while queue.texts:
        turn = queue.take()
        assert turn
        found.append([len(item.ids) for item in turn.items])
        queue.give_back(turn, 0.01)
    return found


def test_only_texts_of_equal_length_share_a_batch_whoever_sent_them() -> None:
    queue, session = Queue(most=1000), Fake()
    for ids in ([[1] * 5, [1] * 9], [[2] * 5], [[3] * 9, [3] * 5]):
        queue.put(job(session, ids))
    assert lengths(queue) == [[5, 5, 5], [9, 9]]


def test_a_batch_has_no_more_tokens_than_the_budget() -> None:
    queue = Queue(most=10_000)
    queue.put(job(Fake(), [[1] * 100] * 8))
    assert lengths(queue) == [[100] * 6, [100] * 2]


def test_versions_do_not_share_batches() -> None:
    queue = Queue(most=1000)
    queue.put(job(Fake(), [[1] * 5]))
    queue.put(job(Fake(), [[1] * 5]))
    assert lengths(queue) == [[5], [5]]


def test_a_lone_text_does_not_wait_behind_all_of_another_client() -> None:
    queue, session = Queue(most=100_000), Fake()
    queue.put(bulk := job(session, [[1] * (10 + number % 50) for number in range(1000)]))
    assert queue.take()
    lone = job(session, [[2] * 300])
    lone.since = bulk.since + queue.rate.seconds(100)  # it comes when a hundred tokens could have been run
    queue.put(lone)
    seen = 0
    while lone.begun is None:
        assert queue.take()
        seen += 1
    assert seen <= 10 < 1000 // 20


def test_a_lone_text_has_all_threads_and_several_have_one_each() -> None:
    queue, session = Queue(most=1000), Fake()
    queue.put(job(session, [[1] * 5]))
    lone = queue.take()
    assert lone and not lone.alone
    queue.give_back(lone, 0.01)
    queue.put(job(session, [[1] * 5, [1] * 6]))
    first, second = queue.take(), queue.take()
    assert first and second and first.alone and second.alone


def test_a_full_queue_says_when_to_come_back() -> None:
    queue = Queue(most=100)
    queue.rate.add(50, 1.0, share=1)
    queue.put(job(Fake(), [[1] * 60]))
    with pytest.raises(RequestError) as refused:
        queue.put(job(Fake(), [[1] * 60]))
    assert (refused.value.status, refused.value.retry_after) == (429, 2)
    with pytest.raises(RequestError) as never:
        queue.put(job(Fake(), [[1] * 101]))
    assert never.value.status == 413
    assert queue.tokens == 60


def test_a_client_that_goes_away_frees_its_work() -> None:
    queue, session = Queue(most=1000), Fake()
    queue.put(gone := job(session, [[1] * 5, [1] * 6, [1] * 5]))
    queue.put(job(session, [[2] * 5]))
    turn = queue.take()
    assert turn and len(turn.items) == 3
    queue.cancel(gone)
    queue.cancel(gone)
    assert (queue.texts, queue.tokens) == (0, 15)
    run(turn)
    assert queue.give_back(turn, 0.01) and queue.tokens == 0


def test_equal_texts_run_once_and_all_get_their_row() -> None:
    queue, session = Queue(most=1000), Fake()
    jobs = [job(session, [[1, 2], [3, 4]]), job(session, [[1, 2]])]
    for each in jobs:
        queue.put(each)
    turn = queue.take()
    assert turn
    run(turn)
    assert session.sizes == [(2, 2, turn.alone)]
    assert [np.concatenate(each.rows).tolist() for each in jobs] == [[3, 7], [3]]  # type: ignore[arg-type]


def test_workers_go_on_after_a_batch_failed_and_finish_what_waits() -> None:
    queue, done = Queue(most=1000), threading.Semaphore(0)
    workers = Workers(queue, threads=2, observe=lambda turn, seconds: None)
    failing = Job(Fake(error=ValueError("broken")), [[1] * 3], np.copy, lambda _: done.release())  # type: ignore[arg-type]
    good = Job(Fake(), [[1] * 4, [1] * 5], np.copy, lambda _: done.release())  # type: ignore[arg-type]
    queue.put(failing)
    queue.put(good)
    workers.start()
    assert done.acquire(timeout=60) and done.acquire(timeout=60)
    assert isinstance(failing.error, ValueError) and good.error is None
    assert workers.alive
    workers.stop()
    assert not workers.alive
    with pytest.raises(RequestError):
        queue.put(job(Fake(), [[1]]))
