"""Files that appear whole or not at all."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from linnet.errors import InputError


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """A UTF-8 file that appears under its name only when all of it was written.

    Raises:
        InputError: the file cannot be written there.
    """
    with bytes_written_whole(path) as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def bytes_written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file of bytes that appears under its name only when all of it was written.

    Raises:
        InputError: the file cannot be written there.
    """
    import tempfile  # only here: few commands write a file, and all of them start quicker without

    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder; name a file in it")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror}; name a file in a folder that can be written"
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
    """The permissions that new files are denied."""
    current = os.umask(0)
    os.umask(current)
    return current
