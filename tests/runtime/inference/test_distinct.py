"""The same text runs once: within a chunk, and with a cache from call to call."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import linnet
import numpy as np
import pytest
from linnet.inference.batching import Batch
from linnet.inference.distinct import MOST_REMEMBERED, Cache, Distinct
from linnet.inference.session import Session
from linnet.pipeline import BULK

ONES, TWOS = [5, 5], [7, 7, 7]
ROW = np.ones(3, dtype=np.float32)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The ids of each text that was run."""
    ran: list[tuple[int, ...]] = []
    for name in ("run", "run_alone"):
        original: Callable[[Session, Batch], object] = getattr(Session, name)

        def counted(self: Session, batch: Batch, original: Callable[[Session, Batch], object] = original) -> object:
            ran.extend(map(tuple, batch.input_ids.tolist()))
            return original(self, batch)

        monkeypatch.setattr(Session, name, counted)
    return ran


def loaded(bundle: Path, *, threads: int | None = None, cache: int | None = None) -> linnet.Embedder:
    model = linnet.load(bundle, threads=threads, cache=cache)
    assert isinstance(model, linnet.Embedder)
    return model


def test_each_different_one_has_to_be_run_once() -> None:
    distinct = Distinct([ONES, TWOS, ONES, ONES], None)
    assert list(distinct) == [ONES, TWOS]
    distinct.answer(1, 2 * ROW)
    distinct.answer(0, ROW)
    assert [row[0] for row in distinct.rows()] == [1, 2, 1, 1]


def test_what_is_remembered_is_not_run() -> None:
    cache = Cache(2)
    first = Distinct([ONES], cache)
    assert list(first) == [ONES]
    first.answer(0, ROW)
    second = Distinct([TWOS, ONES], cache)
    assert list(second) == [TWOS]
    second.answer(0, 2 * ROW)
    assert [row[0] for row in second.rows()] == [2, 1]


def test_the_cache_forgets_what_was_asked_for_longest_ago() -> None:
    cache = Cache(2)
    for key in (b"a", b"b"):
        cache.put(key, ROW)
    assert cache.get(b"a") is not None
    cache.put(b"c", ROW)
    assert [cache.get(key) is not None for key in (b"a", b"b", b"c")] == [True, False, True]
    assert len(cache) == 2


def test_a_remembered_row_is_nobodys_to_change() -> None:
    cache, row = Cache(1), ROW.copy()
    cache.put(b"a", row)
    row[0] = 9
    found = cache.get(b"a")
    assert found is not None and found[0] == 1 and not found.flags.writeable


@pytest.mark.parametrize("count", [5, 3 * BULK])
def test_a_text_that_comes_back_in_a_chunk_runs_once(tiny: Path, ran: list[tuple[int, ...]], count: int) -> None:
    texts = [f"bridge {number % 3}" for number in range(count)]
    model = loaded(tiny, threads=2)
    expected = np.concatenate([model(text) for text in texts[:3]])
    ran.clear()
    assert np.array_equal(model(texts), np.resize(expected, (count, model.dimension)))
    assert len(ran) == len(set(ran)) == 3


def test_what_preprocessing_makes_alike_runs_once(tiny: Path, ran: list[tuple[int, ...]]) -> None:
    vectors = loaded(tiny)(["@anna good", "@bert good"])
    assert len(ran) == 1 and np.array_equal(vectors[0], vectors[1])


def test_without_a_cache_nothing_is_remembered(tiny: Path, ran: list[tuple[int, ...]]) -> None:
    model = loaded(tiny)
    model("good")
    model("good")
    assert len(ran) == 2


def test_a_cache_gives_the_same_bits_and_arrays_of_ones_own(tiny: Path, ran: list[tuple[int, ...]]) -> None:
    model, plain = loaded(tiny, cache=10), loaded(tiny)
    first = model(["good", "bad"])
    ran.clear()
    again = model(["bad", "good", "bad"])
    assert ran == [] and np.array_equal(again, first[[1, 0, 1]])
    again[:] = 0
    assert np.array_equal(model(["good"]), plain(["good"]))
    assert all(row.flags.writeable for row in model.stream(["good", "good"]))


def test_words_of_texts_that_are_alike_are_arrays_of_their_own(tiny: Path) -> None:
    one, other = loaded(tiny).tokens(["good bridge", "good bridge"])
    one.vectors[:] = 0
    assert other.vectors.any()


def test_a_cache_stays_within_its_bound(tiny: Path, ran: list[tuple[int, ...]]) -> None:
    model = loaded(tiny, cache=2)
    for text in ("one", "two", "three", "two", "one"):
        model(text)
    assert len(ran) == 4  # "two" was remembered, "one" no more


def test_threads_share_a_cache(tiny: Path) -> None:
    model, plain = loaded(tiny, threads=2, cache=7), loaded(tiny)
    texts = [f"bridge {number % 20}" for number in range(4 * BULK)]
    expected = plain(texts)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: model(texts), range(8)):
            assert np.array_equal(found, expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_does_not_wait_for_the_lock_of_its_parents_thread() -> None:
    cache, held, release = Cache(1), threading.Event(), threading.Event()

    def hold() -> None:
        with cache._lock:
            held.set()
            release.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)
    child = os.fork()
    if not child:
        cache.put(b"a", ROW)  # would wait for ever
        os._exit(7)
    release.set()
    holder.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.parametrize("size", [0, -1, MOST_REMEMBERED + 1, True, 1.5, "9"])
def test_a_size_that_makes_no_sense_is_refused(tiny: Path, size: int) -> None:
    with pytest.raises(ValueError, match="expected cache to be a whole number"):
        linnet.load(tiny, cache=size)
