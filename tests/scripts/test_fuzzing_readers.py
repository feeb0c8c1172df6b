"""The fuzzers of readers, in short: whatever a file holds, each reader reads it or refuses it with one of Linnet's errors."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest
from fuzzing.readers.all import READERS, usable
from fuzzing.readers.models import CORPUS
from fuzzing.readers.mutations import LONGEST_INPUT
from fuzzing.readers.reader import Reader
from fuzzing.readers.running import corpus, outcome, run
from hypothesis import given, settings
from hypothesis import strategies as st

ELSEWHERE = {"signature"}
"""Folders of the corpus whose fuzzers are in modules of their own."""

each_reader = pytest.mark.parametrize("reader", usable(), ids=lambda reader: reader.name)


@each_reader
def test_seeds_are_read(reader: Reader) -> None:
    assert {outcome(reader, seed) for seed in reader.seeds()} == {"read"}


@each_reader
def test_the_corpus_is_read_or_refused(reader: Reader) -> None:
    assert {outcome(reader, content) for content in corpus(reader)} <= {"read", "refused"}


@each_reader
def test_spoilt_content_is_read_or_refused(reader: Reader) -> None:
    pool = [*reader.seeds(), *corpus(reader)]

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(st.integers(0, 2**32), st.integers(0, len(pool) - 1))
    def spoilt(seed: int, at: int) -> None:
        content = reader.mutate(pool[at], random.Random(seed))
        assert len(content) <= 2 * LONGEST_INPUT
        assert outcome(reader, content) in ("read", "refused")

    spoilt()


@each_reader
@settings(max_examples=20, deadline=None, database=None, derandomize=True)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(reader: Reader, content: bytes) -> None:
    assert outcome(reader, content) in ("read", "refused")


def test_each_reader_has_a_name_of_its_own_and_a_folder_belongs_to_one() -> None:
    found = [reader.name for reader in READERS]
    assert len(set(found)) == len(found) >= 19
    assert {folder.name for folder in CORPUS.iterdir()} <= {*found, *ELSEWHERE}


def _fails(content: bytes) -> object:
    if content == b"crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if content == b"hang":
        while True:
            time.process_time()
    if content == b"raw":
        raise KeyError("raw")
    if content == b"memory":
        return bytearray(1 << 32)
    return None


def test_crashes_hangs_raw_errors_and_memory_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("fuzzing.readers.running.PATIENCE", 0.3)
    kinds = [b"crash", b"raw", b"fine", b"hang", b"memory"]
    tried = tmp_path / "tried"  # outlives the processes that crash

    def mutate(content: bytes, chance: random.Random) -> bytes:
        with tried.open("a") as stream:
            stream.write("x")
        return kinds[tried.stat().st_size - 1]

    figures = run(Reader("fake", _fails, lambda: [b"fine"], mutate), len(kinds), 0, faults=tmp_path / "faults")
    assert (figures.inputs, figures.crashes, figures.hangs, len(figures.faults)) == (5, 1, 1, 4)
    assert "KeyError: 'raw'" in "".join(figures.faults) and "MemoryError" in "".join(figures.faults)
    assert sorted(file.read_bytes() for file in (tmp_path / "faults").iterdir()) == [
        b"crash",
        b"hang",
        b"memory",
        b"raw",
    ]
    assert "4 faults (1 crashes, 1 hangs)" in figures.line()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 has sys.monitoring")
def test_inputs_that_reach_new_lines_are_kept(tmp_path: Path) -> None:
    (reader,) = [reader for reader in READERS if reader.name == "settings"]
    assert run(reader, 300, 0, keep=tmp_path).kept > 0
    assert list((tmp_path / "settings").iterdir())
