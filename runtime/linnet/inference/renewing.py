"""An object of native code that is made on first use, and made again where a fork broke it."""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from ..system.forks import mend_in_child

T = TypeVar("T")


class Renewed(Generic[T]):
    """An object that ``make`` makes on first use.

    One that is ``threaded`` is made again in a forked process, which has none of the parent's threads. So is one that
    another thread was running during the fork: the thread may have held a lock of the object.
    """

    def __init__(self, make: Callable[[], T], *, threaded: bool) -> None:
        self._make, self._threaded = make, threaded
        self._lock = threading.Lock()
        self._running = 0
        self._made: T | None = None
        mend_in_child(self)

    def get(self) -> T:
        """Returns the object; makes it on the first call."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return self._made

    @contextmanager
    def running(self) -> Iterator[T]:
        """Gives the object, which runs during the ``with`` block."""
        made = self.get()
        with self._lock:
            self._running += 1
        try:
            yield made
        finally:
            with self._lock:
                self._running -= 1

    def forked(self) -> None:
        """Drops an object that cannot be used; called in a child process.

        The parent's object is never freed, because freeing it would wait for its threads or locks.
        """
        self._lock = threading.Lock()
        if self._made is not None and (self._threaded or self._running):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._made))
            self._made = None
        self._running = 0
