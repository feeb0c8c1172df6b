"""Makes temporary folders, and always removes them, even those of killed processes."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from glob import escape
from pathlib import Path

from .temporary import finally_doing, new_name

if os.name == "posix":
    import fcntl


@contextmanager
def staging(folder: Path, prefix: str) -> Iterator[Path]:
    """Makes a temporary folder in ``folder``; removes it at the end, and any left by killed processes at the start.

    Raises:
        OSError: the temporary folder cannot be made.
    """
    clear_abandoned(folder, prefix)
    with ExitStack() as stack:
        while True:
            made = stack.enter_context(temporary_folder(folder, prefix))
            stack.enter_context(in_turn(made))
            if made.exists():  # no other process removed it as abandoned before it was locked
                break
        yield made


@contextmanager
def temporary_folder(folder: Path, prefix: str) -> Iterator[Path]:
    """Makes a temporary folder in ``folder`` that only this user may read; removes it at the end.

    Raises:
        OSError: the temporary folder cannot be made.
    """
    made = new_name(folder, prefix)
    with finally_doing(partial(_remove, made)):
        made.mkdir(mode=0o700)
        yield made


def _remove(folder: Path) -> None:
    for _ in range(10):  # native code of another thread may still write into it
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def clear_abandoned(folder: Path, prefix: str) -> bool:
    """Removes the folders that dead processes left of `staging`; returns True if it removed any.

    Removes nothing on systems without file locks, which show whether a process is alive.
    """
    any_gone = False
    if os.name == "posix":
        for found in folder.glob(f"{escape(prefix)}*"):
            with suppress(OSError), _locked(found, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(found, ignore_errors=True)
                any_gone |= not found.exists()
    return any_gone


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Locks a folder against other processes that call this, if the system can; the lock ends with the process."""
    with ExitStack() as stack:
        if os.name == "posix":
            with suppress(OSError):
                stack.enter_context(_locked(folder, fcntl.LOCK_EX))
        yield


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
