"""Ways of batching on the same trace of requests, in simulated time: padded tokens, throughput and latency.

The ways are those that the projects publish. Text Embeddings Inference (`core/src/queue.rs`) takes requests in the order
of arrival while the padded batch has at most 16,384 tokens. infinity sorts what waits by length, and takes 32 at a time.
Both run one batch at a time on all threads, padded to its longest text. Linnet runs a batch of equal length per thread.
"""

import heapq
import random
from collections.abc import Callable, Sequence
from itertools import count
from typing import NamedTuple

TEI_TOKENS, INFINITY_TEXTS, LINNET_TOKENS = 16_384, 32, 640
SHARED = 1.3
"""How much longer a batch takes if two threads share it than two such batches on a thread each: see `BULK`."""

Waiting = list[tuple[float, int]]
"""When each text came, and its length; in the order of arrival."""


class Cost(NamedTuple):
    """Seconds of a batch on one thread: for itself, and for each token."""

    batch: float
    token: float


class Simulated(NamedTuple):
    """What a way of batching gives on a trace."""

    padding: float
    """Padded tokens for each token of a text."""
    rate: float
    """Texts a second."""
    p50: float
    p99: float
    """Seconds from arrival to answer."""


def tei(waiting: Waiting) -> Waiting:
    """Takes a batch as Text Embeddings Inference does."""
    longest, taken = 0, 0
    for _, length in waiting:
        longest = max(longest, length)
        if taken and longest * (taken + 1) > TEI_TOKENS:
            break
        taken += 1
    return waiting[:taken]


def infinity(waiting: Waiting) -> Waiting:
    """Takes a batch as infinity does: the oldest text with the 31 that are nearest in length."""
    by_length = sorted(waiting, key=lambda each: each[1])
    start = by_length.index(waiting[0]) // INFINITY_TEXTS * INFINITY_TEXTS
    return by_length[start : start + INFINITY_TEXTS]


def linnet(waiting: Waiting) -> Waiting:
    """Takes a batch as Linnet does: the oldest text, and those of its length."""
    length = waiting[0][1]
    return [each for each in waiting if each[1] == length][: max(1, LINNET_TOKENS // length)]


WAYS: dict[str, tuple[Callable[[Waiting], Waiting], bool]] = {
    "linnet": (linnet, False),
    "tei": (tei, True),
    "infinity": (infinity, True),
}
"""The ways by name; True if all threads share each batch."""


def simulate(
    way: str, lengths: Sequence[int], cost: Cost, *, clients: int, threads: int, rate: float | None = None
) -> Simulated:
    """Runs a trace: texts of these lengths, from clients that wait for each answer, or at a rate of Poisson arrivals."""
    take, shared = WAYS[way]
    workers, clock, order = (1 if shared else threads), 0.0, count()
    chosen = random.Random(17)
    events: list[tuple[float, int, Waiting | int]] = []
    if rate is None:
        todo = iter(lengths)
        for _ in range(clients):
            heapq.heappush(events, (chosen.random() * 0.01, next(order), next(todo)))
    else:
        todo, at = iter(()), 0.0
        for length in lengths:
            at += chosen.expovariate(rate)
            heapq.heappush(events, (at, next(order), length))
    waiting, latencies, padded, real = Waiting(), list[float](), 0, 0
    while events:
        clock, _, event = heapq.heappop(events)
        if isinstance(event, int):
            waiting.append((clock, event))
        else:
            workers += 1
            for came, _ in event:
                latencies.append(clock - came)
                if rate is None and (following := next(todo, None)) is not None:
                    heapq.heappush(events, (clock, next(order), following))
        while workers and waiting and not (events and events[0][0] <= clock):
            batch = take(waiting)
            for each in batch:
                waiting.remove(each)
            tokens = max(length for _, length in batch) * len(batch)
            padded += tokens - sum(length for _, length in batch)
            real += sum(length for _, length in batch)
            seconds = (cost.batch + cost.token * tokens) * (SHARED / threads if shared else 1)
            workers -= 1
            heapq.heappush(events, (clock + seconds, next(order), batch))
    latencies.sort()
    return Simulated(
        padded / real,
        len(latencies) / clock,
        latencies[len(latencies) // 2],
        latencies[int(len(latencies) * 0.99)],
    )
