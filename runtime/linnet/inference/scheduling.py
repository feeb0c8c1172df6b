"""Runs work on items, several at a time. Only this module, and a server beside the line, start threads that work.

Threads take turns at a shared iterator that makes each item when it is taken, so one thread tokenizes the next
texts while others run batches. All threads end with the call: there is no pool, and no thread waits for work.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from time import sleep
from typing import Generic, TypeVar

_T = TypeVar("_T")

_A_MOMENT = 0.01  # seconds


def for_each(work: Callable[[_T], None], items: Iterable[_T], *, threads: int) -> None:
    """Calls ``work`` on every item, on ``threads`` threads, including the caller's.

    If the work or the iterator raises, no new item is started. The first error is raised here after the other
    threads have finished their current items. Where the system lets fewer threads start, those that there are do all.
    """
    turns, errors = _Turns(items), list[BaseException]()

    def take_turns() -> None:
        try:
            for item in turns:
                work(item)
        except BaseException as error:  # raised in the caller's thread below
            turns.stop()
            errors.append(error)

    helpers = [threading.Thread(target=take_turns, name=f"linnet-{number}") for number in range(1, threads)]
    try:
        with suppress(RuntimeError):  # "can't start new thread"
            for helper in helpers:
                helper.start()
        take_turns()
    finally:  # an interrupt can come between any two lines
        turns.stop()
        _end(helpers)
    if errors:
        raise errors[0]


def _end(helpers: list[threading.Thread]) -> None:
    """Waits until every helper that was started has ended, also if an interrupt comes meanwhile, and raises it then."""
    interrupt: KeyboardInterrupt | None = None
    for helper in helpers:
        patience = 100
        while patience and _is_running(helper):
            try:
                helper.join(_A_MOMENT)
            except KeyboardInterrupt as error:
                interrupt = error
            except RuntimeError:  # an interrupt cut its start short: it is about to run, or never will
                sleep(_A_MOMENT)
                patience -= 1
    if interrupt:
        raise interrupt


def _is_running(helper: threading.Thread) -> bool:
    """Returns whether a thread runs, or has been started and is about to."""
    return helper.is_alive() or (helper.ident is None and helper in threading.enumerate())


class _Turns(Generic[_T]):
    """An iterator that threads may share; `stop` ends it for all of them."""

    def __init__(self, items: Iterable[_T]) -> None:
        self._items, self._lock, self._stopped = iter(items), threading.Lock(), False

    def stop(self) -> None:
        self._stopped = True

    def __iter__(self) -> Iterator[_T]:
        return self

    def __next__(self) -> _T:
        with self._lock:
            if self._stopped:
                raise StopIteration
            return next(self._items)
