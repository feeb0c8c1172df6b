"""Where the system lets no more threads start, as in a container with a limit, the caller's thread does the work."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import linnet
import numpy as np
import pytest
from linnet.inference.scheduling import for_each
from linnet.pipeline import BULK
from linnet.system.threads import startable
from linnet.tokenization.tokenizer import Tokenizer

TEXTS = [f"the bridge {number} is good" for number in range(3 * BULK)]


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> "Limit":
    return Limit(monkeypatch)


class Limit:
    """Lets only some threads start from now on, as the system does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._start, self._room = threading.Thread.start, 0
        self._others = set(threading.enumerate())
        monkeypatch.setattr(threading.Thread, "start", lambda thread: self.start(thread))

    def start(self, thread: threading.Thread) -> None:
        if len(set(threading.enumerate()) - self._others) >= self._room:
            raise RuntimeError("can't start new thread")
        self._start(thread)

    def to(self, room: int) -> None:
        self._room = room


@pytest.mark.parametrize("room", [0, 1, 2, 9])
def test_every_item_is_worked_on(limit: Limit, room: int) -> None:
    limit.to(room)
    done: list[int] = []
    for_each(done.append, range(1000), threads=4)
    assert sorted(done) == list(range(1000))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("linnet")]


def test_an_error_still_reaches_the_caller(limit: Limit) -> None:
    def fail(item: int) -> None:
        raise KeyError(item)

    with pytest.raises(KeyError):
        for_each(fail, range(9), threads=4)


def test_startable_counts(limit: Limit) -> None:
    for room in (0, 1, 3):
        limit.to(room)
        assert [startable(most) for most in (0, 1, 2, 9)] == [min(most, room) for most in (0, 1, 2, 9)]


def test_bulk_gives_the_same_answers(tiny: Path, limit: Limit) -> None:
    limit.to(9)
    expected = linnet.load(tiny, threads=2)(TEXTS)
    limit.to(0)
    for threads in (1, 2, 4):
        assert (np.asarray(linnet.load(tiny, threads=threads)(TEXTS)) == expected).all()


def test_the_tokenizer_starts_no_threads(tiny: Path, limit: Limit) -> None:
    """`tokenizers` panics if it cannot start all of its threads."""
    tokenizer = Tokenizer((tiny / "tokenizer.json").read_bytes(), max_length=64, truncation_side="right")

    def several(texts: object) -> None:
        raise AssertionError("tokenizers starts its threads")

    assert len(tokenizer._encoded(TEXTS, several)) == len(TEXTS)  # type: ignore[arg-type]  # it returns nothing
    limit.to(os.cpu_count() or 1)
    with pytest.raises(linnet.BundleFormatError, match="starts its threads"):
        tokenizer._encoded(TEXTS, several)  # type: ignore[arg-type]


def test_a_long_text_lets_other_threads_run(tiny: Path) -> None:
    """So that a signal is heeded meanwhile."""
    tokenizer = Tokenizer(
        (tiny / "tokenizer.json").read_bytes(), max_length=64, truncation_side="right", threaded=False
    )
    text = "the bridge is good " * 50_000
    ended, ticks = threading.Event(), []

    def tick() -> None:
        while not ended.wait(0.005):
            ticks.append(1)

    ticking = threading.Thread(target=tick)
    ticking.start()
    ids = tokenizer.ids([text])
    ended.set()
    ticking.join()
    assert len(ticks) > 5
    assert [found.ids for found in ids] == [tokenizer._tokenizer.encode(text).ids]


LIMITED = """
import resource, sys
import linnet
early, bundle = sys.argv[1] == "early", sys.argv[2]
if early:
    resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
model = linnet.load(bundle, threads=4)
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
print(len(model([f"the bridge {number} is good" for number in range(500)])), len(model(["a", "b"])))
"""
AS_ANOTHER_USER = [
    *("setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"),
    *(f"--{kind}=-all,+dac_read_search" for kind in ("inh-caps", "ambient-caps", "bounding-set")),
]
"""Limits do not hold for root. The other user may read what root may, such as Python itself."""

limited = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("setpriv") or not shutil.which("prlimit"),
    reason="needs root, setpriv and prlimit",
)


def run_limited(*command: str) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "HOME": "/nowhere", "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("OPENBLAS_NUM_THREADS", None)
    return subprocess.run([*AS_ANOTHER_USER, *command], env=env, capture_output=True, text=True, timeout=120)


@limited
@pytest.mark.parametrize("when", ["early", "late"])
def test_a_limit_of_the_system(tiny: Path, when: str) -> None:
    done = run_limited("env", "OPENBLAS_NUM_THREADS=1", sys.executable, "-c", LIMITED, when, str(tiny))
    assert (done.returncode, done.stdout, done.stderr) == (0, "500 2\n", "")


@limited
@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_command_under_a_limit(most: int) -> None:
    done = run_limited("prlimit", f"--nproc={most}", sys.executable, "-m", "linnet", "classify", "good", "bad")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 2, done.stdout
