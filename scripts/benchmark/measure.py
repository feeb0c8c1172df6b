"""Rounds: every peer in turn, one at a time, so that whatever the machine does meets all of them alike."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.batches import Floats
from benchmark.peers import Row
from benchmark.processes import Worker, WorkerError
from benchmark.store import say
from benchmark.tweets import Tweets

TUNED_ON = 192
"""How many tweets decide which of a peer's ways is measured."""


@dataclass
class Measured:
    """What was measured of one row; a list has a value a round."""

    mode: str
    """The way that it ran many texts."""
    single_mode: str | None
    """The way that it ran one text; None: it was not timed on one."""
    peak: float = 0.0
    """The most memory in MB, with the judged texts in bulk."""
    speed: list[float] = field(default_factory=list)
    """Tweets a second."""
    first: list[float] = field(default_factory=list)
    """Seconds to the first answer."""
    rss: list[float] = field(default_factory=list)
    """Resident memory in MB after one answer."""
    anonymous: list[float] = field(default_factory=list)
    """The part of ``rss`` that processes cannot share, in MB."""
    p50: list[float] = field(default_factory=list)
    """Milliseconds of one text, median."""
    p99: list[float] = field(default_factory=list)
    """Milliseconds of one text, 99th percentile."""
    judged: Floats | None = None
    """The answers that are compared with fp32's."""
    together: Floats | None = None
    """The answers in bulk."""
    alone: Floats | None = None
    """The answers to the same texts one at a time."""


@dataclass(frozen=True)
class Contender:
    """A row and the folder of what it runs."""

    row: Row
    folder: Path
    log: Path
    threads: int

    def worker(self, mode: str) -> Worker:
        """A new process of it, which answers its first text in ``mode``."""
        return Worker(self.row, self.folder, threads=self.threads, mode=mode, log=self.log)


def turns(names: Sequence[str], rounds: int) -> Iterator[tuple[int, str]]:
    """Whose turn it is: A, B, C, A, B, C, …, with the number of the round."""
    for number in range(rounds):
        for name in names:
            yield number, name


def measure(contenders: Sequence[Contender], tweets: Tweets, rounds: int) -> tuple[dict[str, Measured], dict[str, str]]:
    """What was measured of each, by name, and why others could not be."""
    measured: dict[str, Measured] = {}
    failed: dict[str, str] = {}
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        by_name = {contender.row.name: contender for contender in contenders}
        for name, contender in by_name.items():
            say(f"  {name}: loading, finding its best way, warming up")
            try:
                found = _best_ways(contender, tweets)
                worker = stack.enter_context(contender.worker(found.mode))
                _warm_up(worker, found, tweets)
            except WorkerError as error:
                failed[name] = str(error)
                say(f"  {name}: failed: {error}")
                continue
            measured[name], workers[name] = found, worker
        for number, name in turns(list(workers), rounds):
            if name in failed:
                continue
            try:
                _one_turn(by_name[name], workers[name], measured[name], tweets)
            except WorkerError as error:
                failed[name] = str(error)
                say(f"  {name}: failed: {error}")
                del measured[name]
                continue
            say(f"  round {number + 1}/{rounds}  {name:<20}{_latest(measured[name])}")
    return measured, failed


def _best_ways(contender: Contender, tweets: Tweets) -> Measured:
    """The fastest of the ways that a row names, on some of the tweets; each runs twice, the better time counts."""
    row = contender.row
    texts, some = tweets.bulk[:TUNED_ON], tweets.single[:20]
    if len(row.bulk) == 1 and len(row.single) <= 1:
        return Measured(row.bulk[0], next(iter(row.single), None))
    with contender.worker(row.bulk[0]) as worker:
        bulk = (
            {mode: _seconds(worker, "bulk", texts, mode) for mode in row.bulk}
            if len(row.bulk) > 1
            else {row.bulk[0]: 0.0}
        )
        single = {mode: _seconds(worker, "single", some, mode) for mode in row.single}
    return Measured(min(bulk, key=bulk.__getitem__), min(single, key=single.__getitem__, default=None))


def _seconds(worker: Worker, do: str, texts: list[str], mode: str) -> float:
    def once() -> float:
        found = worker.ask(do, texts=texts, mode=mode)
        return float(found["seconds"] if do == "bulk" else statistics.median(found["milliseconds"]))

    return min(once(), once())


def _warm_up(worker: Worker, found: Measured, tweets: Tweets) -> None:
    """Once through what is judged, among which is all that will be timed."""
    bulk = worker.ask("bulk", texts=tweets.judged, mode=found.mode)
    found.judged, found.peak = _floats(bulk["answers"]), bulk["peak"]
    if found.single_mode is not None:
        worker.ask("single", texts=tweets.single[:20], mode=found.single_mode)


def _one_turn(contender: Contender, worker: Worker, found: Measured, tweets: Tweets) -> None:
    texts, single_texts = _share(tweets.bulk, contender.row), _share(tweets.single, contender.row)
    bulk = worker.ask("bulk", texts=texts, mode=found.mode)
    found.speed.append(len(texts) / bulk["seconds"])
    found.together = _floats(bulk["answers"])
    if found.single_mode is None:
        return
    single = worker.ask("single", texts=single_texts, mode=found.single_mode)
    with contender.worker(found.single_mode) as fresh:
        started = fresh.started
    found.alone = _floats(single["answers"])
    found.first.append(started["seconds"])
    found.rss.append(started["rss"])
    found.anonymous.append(started["anonymous"])
    found.p50.append(float(np.percentile(single["milliseconds"], 50)))
    found.p99.append(float(np.percentile(single["milliseconds"], 99)))


def _share(texts: list[str], row: Row) -> list[str]:
    return texts[: max(1, round(len(texts) * row.share))]


def _latest(found: Measured) -> str:
    said = f"{found.speed[-1]:7.1f} tweets/s"
    return f"{said}{found.p50[-1]:8.2f} ms{found.first[-1]:7.2f} s to the first answer" if found.p50 else said


def _floats(rows: Any) -> Floats:
    return np.array(rows, dtype=np.float32)


def ratio(ours: Iterable[float], theirs: Iterable[float]) -> float:
    """The median over the rounds of ours to theirs in the same round: what changes between rounds drops out."""
    return statistics.median(our / their for our, their in zip(ours, theirs, strict=True))
