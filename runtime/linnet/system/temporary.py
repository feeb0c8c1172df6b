"""Temporary files: their names, and a list of what has to be done about them before the process may end.

A name is listed before anything has it. So no interrupt finds a temporary file that is not listed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PENDING: list[Callable[[], object]] = []


def new_name(folder: Path, prefix: str) -> Path:
    """Returns a path in a folder that nothing has yet: ``prefix`` and 16 random hexadecimal digits."""
    return folder / f"{prefix}{os.urandom(8).hex()}"


@contextmanager
def finally_doing(action: Callable[[], object]) -> Iterator[None]:
    """Calls ``action`` at the end; `clean_up` calls it if the process ends before, or while ``action`` runs.

    An action may return a ``str``: what stays for a later run; an empty one for what is another process's.
    """
    _PENDING.append(action)
    try:
        yield
    finally:
        try:
            action()
        finally:
            _PENDING.remove(action)


def clean_up() -> list[str] | None:
    """Calls the actions of every open `finally_doing`, the latest first; returns what they say stays for a later run.

    Returns None if none is open. Nothing else may run Python code meanwhile.
    """
    if not _PENDING:
        return None
    found = list[object]()
    for action in reversed(_PENDING):
        with suppress(OSError):
            found.append(action())
    return [note for note in found if isinstance(note, str)]
