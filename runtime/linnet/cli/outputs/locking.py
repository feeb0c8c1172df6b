"""Opens files that only one process may write, under names that others can foresee."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import InputError

WITHOUT_LINKS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""Makes a file, or opens the one that is there; a link of that name is not followed."""


@contextmanager
def locked(path: Path, mode: int) -> Iterator[int]:
    """Opens a file, and locks it until the end, also if the descriptor that it yields is closed before.

    The caller closes that descriptor. Windows neither renames nor removes open files, so there the file is not locked.

    Raises:
        InputError: another process has locked it, or just renamed it.
        OSError: it cannot be opened.
    """
    descriptor = os.open(path, WITHOUT_LINKS, mode)
    if os.name != "posix":
        yield descriptor
        return
    try:
        if not _lock(descriptor) or not is_at(os.fstat(descriptor), path):
            raise InputError(f"another process writes {path}: wait for it, or name another file with --output")
        yield os.dup(descriptor)
    finally:
        os.close(descriptor)


def is_at(file: os.stat_result, path: Path) -> bool:
    """Returns whether a path names this file; on Windows, where not every disk numbers its files, any file."""
    try:
        found = path.lstat()
        return os.name != "posix" or os.path.samestat(file, found)
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> bool:
    import fcntl  # here, because Windows lacks it

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
