"""Files in memory that are read only where they are used."""

import mmap
import os
from pathlib import Path
from typing import BinaryIO


class MappedFile(mmap.mmap):
    """The content of a file, which is not read before it is used."""

    _path: Path
    _identity: tuple[int, ...]

    def place(self) -> Path | None:
        """Returns the file's absolute path, if this file is still there, unchanged; else None.

        A link to it counts as another file.
        """
        try:
            return self._path if _identity(os.lstat(self._path)) == self._identity else None
        except OSError:
            return None


def map_file(stream: BinaryIO, path: Path, size: int = 0) -> MappedFile:
    """Maps the first ``size`` bytes, by default all, of a file that was opened at ``path``; reads nothing.

    Raises:
        OSError: the file cannot be mapped.
        ValueError: the file is empty, or shorter than ``size``.
    """
    mapped = MappedFile(stream.fileno(), size, access=mmap.ACCESS_READ)
    mapped._path = path.absolute()
    mapped._identity = _identity(os.fstat(stream.fileno()))
    return mapped


def _identity(found: os.stat_result) -> tuple[int, ...]:
    """Returns what another file, or the same file after it was written or renamed, does not have."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
