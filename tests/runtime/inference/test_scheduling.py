import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from linnet.inference.scheduling import for_each

TIMEOUT = 20  # seconds


def alive() -> list[str]:
    """The threads that `for_each` started; a command that another test ran may still end its own."""
    return [thread.name for thread in threading.enumerate() if re.fullmatch(r"linnet-\d+", thread.name)]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_every_item_is_worked_on_once(threads: int, count: int) -> None:
    done: list[int] = []
    for_each(done.append, iter(range(count)), threads=threads)
    assert sorted(done) == list(range(count))
    assert alive() == []


def test_one_thread_is_the_callers_and_keeps_the_order() -> None:
    seen: list[tuple[int, int]] = []
    for_each(lambda item: seen.append((item, threading.get_ident())), range(50), threads=1)
    assert seen == [(item, threading.get_ident()) for item in range(50)]


def test_as_many_work_at_once_as_there_are_threads() -> None:
    meeting = threading.Barrier(3, timeout=TIMEOUT)  # which three pass together, or none

    def meet(_: int) -> None:
        meeting.wait()

    for_each(meet, range(9), threads=3)


def test_items_are_made_while_others_are_worked_on() -> None:
    made_second = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made_second.set()
        yield 2

    def work(item: int) -> None:
        if item == 1:
            assert made_second.wait(TIMEOUT)

    for_each(work, items(), threads=2)


def test_items_are_made_by_one_thread_at_a_time() -> None:
    making = threading.Lock()

    def items() -> Iterator[int]:
        for item in range(200):
            assert making.acquire(blocking=False)
            time.sleep(0)
            making.release()
            yield item

    done: list[int] = []
    for_each(done.append, items(), threads=4)
    assert sorted(done) == list(range(200))


class Trouble(BaseException):
    pass


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_what_the_work_raises_reaches_the_caller_and_ends_it(threads: int) -> None:
    done: list[int] = []

    def work(item: int) -> None:
        if item == 7:
            raise Trouble("with 7")
        done.append(item)
        time.sleep(0.001)

    with pytest.raises(Trouble, match="with 7"):
        for_each(work, range(100_000), threads=threads)
    assert len(done) < 1000
    assert alive() == []


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_so_does_what_the_making_of_an_item_raises(threads: int) -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise Trouble("at the end")

    done: list[int] = []
    with pytest.raises(Trouble, match="at the end"):
        for_each(done.append, items(), threads=threads)
    assert sorted(done) == list(range(5))
    assert alive() == []


@pytest.mark.parametrize("where", ["caller", "helper"])
def test_what_any_thread_raises_waits_for_what_the_others_began(where: str) -> None:
    begun, finished, failed = threading.Event(), threading.Event(), threading.Event()
    caller = threading.current_thread()
    fails: Callable[[], bool] = lambda: (threading.current_thread() is caller) == (where == "caller")  # noqa: E731

    def work(_: int) -> None:
        if fails():
            assert begun.wait(TIMEOUT)
            failed.set()
            raise Trouble
        begun.set()
        assert failed.wait(TIMEOUT)
        time.sleep(0.05)
        finished.set()

    with pytest.raises(Trouble):
        for_each(work, range(100), threads=2)
    assert finished.is_set()
    assert alive() == []
