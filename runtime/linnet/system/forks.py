"""Repairs objects after a fork: the child has none of the parent's threads, but every lock that they held."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from weakref import WeakSet


class Forked(Protocol):
    """An object that a fork breaks."""

    def forked(self) -> None:
        """Rebuilds what the fork broke; called once in every forked process."""


_ALL: "WeakSet[Forked]" = WeakSet()
_busy = threading.RLock()  # a fork in a signal's handler takes it again


def mend_in_child(broken: Forked) -> None:
    """Registers an object: every forked process calls its ``forked`` while it lives. Windows has no fork."""
    _ALL.add(broken)


@contextmanager
def no_fork() -> Iterator[None]:
    """Makes a fork in another thread wait for the end of the ``with`` block.

    For native code with locks that nobody could release in the child.
    """
    with _busy:
        yield


def _forked() -> None:
    global _busy
    _busy = threading.RLock()
    for broken in list(_ALL):
        broken.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=lambda: _busy.acquire(), after_in_parent=lambda: _busy.release(), after_in_child=_forked)
