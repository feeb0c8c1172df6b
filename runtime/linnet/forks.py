"""What has to be made anew in a forked process, which has none of its parent's threads but all locks that they held."""

import os
from typing import Protocol
from weakref import WeakSet


class Forked(Protocol):
    """Something that a fork breaks."""

    def forked(self) -> None:
        """Called once in every forked process: makes anew what the fork broke."""


_ALL: "WeakSet[Forked]" = WeakSet()


def mend_in_child(broken: Forked) -> None:
    """Has its ``forked`` called in every forked process, as long as it lives. Windows has no fork."""
    _ALL.add(broken)


def _forked() -> None:
    for broken in list(_ALL):
        broken.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
