"""Writes files atomically: complete, or not at all."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from .errors import InputError


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """Opens a UTF-8 text file for writing that appears under its name only when it is complete.

    Raises:
        InputError: the file cannot be written.
    """
    with bytes_written_whole(path) as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def bytes_written_whole(path: Path) -> Iterator[BinaryIO]:
    """Opens a binary file for writing that appears under its name only when it is complete.

    Raises:
        InputError: the file cannot be written.
    """
    import tempfile  # here, so that commands that write no file start faster

    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder; name a file in it")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror}; name a file in a folder that can be written to"
        ) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        temporary.chmod(0o666 & ~current_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def current_umask() -> int:
    """Returns the process's umask: the permission bits that new files do not get."""
    current = os.umask(0)
    os.umask(current)
    return current
