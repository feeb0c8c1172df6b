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

_UNLOCKED = ".new-"


@contextmanager
def staging(folder: Path, prefix: str) -> Iterator[Path]:
    """A new folder in ``folder`` that is gone afterwards, as are those of processes that were killed.

    Raises:
        OSError: it cannot be made there.
    """
    clear_abandoned(folder, prefix)
    made = Path(tempfile.mkdtemp(prefix=_UNLOCKED, dir=folder))
    with _in_use(made):
        made = made.rename(made.with_name(prefix + made.name.removeprefix(_UNLOCKED)))  # where others may look for it
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def clear_abandoned(folder: Path, prefix: str) -> None:
    """Removes what processes that are no more left of `staging`; where no system tells them apart, nothing."""
    if os.name == "posix":
        for found in folder.glob(f"{escape(prefix)}*"):
            with suppress(OSError), _locked(found, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(found, ignore_errors=True)


@contextmanager
def _in_use(folder: Path) -> Iterator[None]:
    """Locks the folder, where that can be; it ends with the process at the latest."""
    with ExitStack() as stack:
        if os.name == "posix":
            with suppress(OSError):
                stack.enter_context(_locked(folder, fcntl.LOCK_SH))
        yield


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
