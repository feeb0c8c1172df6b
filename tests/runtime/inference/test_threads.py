"""Bulk on several threads: what they leave behind, and what reaches the caller."""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import linnet
import numpy as np
import numpy.typing as npt
import pytest
from commands import attend
from linnet.inference.batching import Batch
from linnet.inference.session import Session
from linnet.pipeline import BULK

TEXTS = [f"the bridge {number} is good " * (1 + number % 7) for number in range(3 * BULK)]


@pytest.fixture(scope="module")
def two(tiny: Path) -> linnet.Embedder:
    loaded = linnet.load(tiny, threads=2)
    assert isinstance(loaded, linnet.Embedder)
    return loaded


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[int]]:
    """The threads that ran batches: on all threads, and alone."""
    used: dict[str, set[int]] = {}
    for name in ("run", "run_alone"):
        original = getattr(Session, name)

        def recorded(self: Session, batch: Batch, name: str = name, original: object = original) -> object:
            used.setdefault(name, set()).add(threading.get_ident())
            assert callable(original)
            return original(self, batch)

        monkeypatch.setattr(Session, name, recorded)
    return used


def helpers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("linnet")]


def test_a_few_texts_run_on_the_callers_thread(two: linnet.Embedder, used: dict[str, set[int]]) -> None:
    two(TEXTS[: BULK - 1])
    assert used == {"run": {threading.get_ident()}}


def test_many_run_on_every_thread_of_which_none_is_left(two: linnet.Embedder, used: dict[str, set[int]]) -> None:
    ran: set[int] = set()
    for _ in range(50):  # one may do it all before the other has begun
        two(TEXTS)
        assert set(used) == {"run_alone"} and helpers() == []
        ran = used.pop("run_alone")
        if len(ran) == 2:
            break
    assert len(ran) == 2 and threading.get_ident() in ran


def test_one_thread_is_the_callers(tiny: Path, used: dict[str, set[int]]) -> None:
    linnet.load(tiny, threads=1)(TEXTS)
    assert used == {"run_alone": {threading.get_ident()}}


def test_a_stream_that_is_abandoned_leaves_no_threads(two: linnet.Embedder) -> None:
    stream = two.stream(itertools.cycle(TEXTS))
    next(stream)
    assert helpers() == []
    stream.close()  # type: ignore[attr-defined]  # it is a generator


def test_the_texts_are_read_by_the_callers_thread(two: linnet.Embedder) -> None:
    readers = set()

    def texts() -> Iterator[str]:
        for text in TEXTS:
            readers.add(threading.get_ident())
            yield text

    assert len(list(two.stream(texts()))) == len(TEXTS)
    assert readers == {threading.get_ident()}


def test_what_fails_in_a_thread_reaches_the_caller(two: linnet.Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    run_alone, runs = Session.run_alone, itertools.count()

    def failing(self: Session, batch: Batch) -> npt.NDArray[np.float32]:
        if next(runs) == 5:
            raise MemoryError("no more")
        return run_alone(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "run_alone", failing)
        with pytest.raises(MemoryError, match="no more"):
            two(TEXTS)
    assert helpers() == []
    assert two(TEXTS).shape == (len(TEXTS), two.dimension)


INTERRUPTED = """
import itertools, os, signal, sys, threading
import linnet
signal.signal(signal.SIGINT, signal.default_int_handler)
model = linnet.load(sys.argv[1], threads=2)
texts = [f"the bridge {number} is good " * (1 + number % 7) for number in range(500)]
expected = model(texts)
for delay in (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3):
    try:
        threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT)).start()
        for _ in model.stream(itertools.cycle(texts)):
            pass
    except KeyboardInterrupt:
        pass
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("linnet")]
    assert (model(texts) == expected).all()
print("done")
"""


def test_an_interrupt_ends_every_thread(tiny: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tiny)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, preexec_fn=attend)
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_idle_threads_take_no_time(two: linnet.Embedder) -> None:
    two(TEXTS)
    two("a text")
    before = os.times()
    threading.Event().wait(0.5)
    after = os.times()
    assert after.user + after.system - before.user - before.system <= 0.02
