"""A temporary folder beside what it becomes, which nobody is left with."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path

if os.name == "posix":
    import fcntl


@contextmanager
def staging(folder: Path, prefix: str) -> Iterator[Path]:
    """A new folder in ``folder`` that is gone afterwards, as are those of processes that were killed.

    Raises:
        OSError: it cannot be made there.
    """
    clear_abandoned(folder, prefix)
    with ExitStack() as stack:
        while True:
            made = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
            stack.callback(shutil.rmtree, made, ignore_errors=True)
            stack.enter_context(in_turn(made))
            if made.exists():  # nobody took it for abandoned before it was locked
                break
        yield made


def clear_abandoned(folder: Path, prefix: str) -> bool:
    """Removes what processes that are no more left of `staging`; says whether there was anything.

    Where the system has no locks to tell by, nothing is removed.
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
    """Holds a folder against other processes that do the same, where it can be locked; ends with the process at the latest."""
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
