"""A memory group of the kernel for one process: what the system charges it for, its page cache included."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


class Group:
    """A folder of the cgroup file system, of version 1 or 2."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def usage(self) -> Path:
        """The file with the bytes that the group uses now."""
        found = self.folder / "memory.current"
        return found if found.exists() else self.folder / "memory.usage_in_bytes"

    @property
    def peak(self) -> int:
        """The most bytes that the group has used."""
        found = self.folder / "memory.peak"
        return int((found if found.exists() else self.folder / "memory.max_usage_in_bytes").read_text())

    def join(self) -> None:
        """Moves this process into the group: for ``preexec_fn``."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))


@contextmanager
def memory_group() -> Iterator[Group]:
    """Makes a group, and removes it at the end, when its processes have ended.

    Raises:
        OSError: this system has no such groups, or this user may not make one.
    """
    parent = _ROOT / "memory" if (_ROOT / "memory").is_dir() else _ROOT
    folder = parent / f"linnet-{os.getpid()}"
    folder.mkdir()
    try:
        group = Group(folder)
        group.usage.read_text()
        yield group
    finally:
        folder.rmdir()
