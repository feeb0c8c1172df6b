"""Who does what when: items → the work on them, several at a time. Owns all threads that Python starts.

Threads take turns at a shared iterator, whose items are made as they are taken, so that one thread tokenizes what
comes next while others run. Nothing outlives a call: no pool, no thread that waits for work.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

_T = TypeVar("_T")


def for_each(work: Callable[[_T], None], items: Iterable[_T], *, threads: int) -> None:
    """Does the work on every item, on that many threads, the caller's among them.

    What the work or the making of an item raises is raised here, after every other thread has finished
    what it had begun; nothing else is begun then.
    """
    turns, errors = _Turns(items), list[BaseException]()

    def take_turns() -> None:
        try:
            for item in turns:
                work(item)
        except BaseException as error:  # whatever it is, it is the caller's
            turns.stop()
            errors.append(error)

    helpers = [threading.Thread(target=take_turns, name=f"linnet-{number}") for number in range(1, threads)]
    try:
        for helper in helpers:
            helper.start()
        take_turns()
    finally:  # an interrupt may come between any two lines
        turns.stop()
        for helper in helpers:
            if helper.ident is not None:
                helper.join()
    if errors:
        raise errors[0]


class _Turns(Generic[_T]):
    """An iterator that threads may share; once stopped it ends for all of them."""

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
