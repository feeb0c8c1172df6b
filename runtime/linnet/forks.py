"""Repairs objects after a fork: the child has none of the parent's threads, but every lock that they held."""

import os
from typing import Protocol
from weakref import WeakSet


class Forked(Protocol):
    """An object that a fork breaks."""

    def forked(self) -> None:
        """Rebuilds what the fork broke; called once in every forked process."""


_ALL: "WeakSet[Forked]" = WeakSet()


def mend_in_child(broken: Forked) -> None:
    """Registers an object: every forked process calls its ``forked`` while it lives. Windows has no fork."""
    _ALL.add(broken)


def _forked() -> None:
    for broken in list(_ALL):
        broken.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
