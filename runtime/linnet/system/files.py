"""Writes files atomically: complete, or not at all."""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, TextIO

from ..errors import InputError
from .temporary import finally_doing, new_name

_NAME_PART = 40  # characters of a file's name in the name of its temporary file; names have at most 255 bytes
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_MOST_LINKS = 40  # links that are followed, as in Linux


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """Opens a UTF-8 text file for writing, as `bytes_written_whole` does.

    Raises:
        InputError: the file cannot be written.
    """
    with bytes_written_whole(path) as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def bytes_written_whole(path: Path) -> Iterator[BinaryIO]:
    """Opens a binary file for writing that appears under its name only when it is complete.

    A link stays, and the file that it names is written. An existing file keeps its mode, owner and other names. What
    is no regular file, such as a pipe or ``/dev/stdout``, is written directly.

    Raises:
        InputError: the file cannot be written.
    """
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(_opened(path))
        except IsADirectoryError:
            raise InputError(f"cannot write {path}: it is a folder; name a file in it") from None
        except OSError as error:
            raise InputError(
                f"cannot write {path}: {error.strerror or error}; name a file in a folder that can be written to"
            ) from None
        yield stream


def is_stream(path: Path) -> bool:
    """Returns True if a path names a pipe, a device or an open descriptor, and not a regular file or a folder."""
    if _descriptor(path) is not None:
        return True
    with suppress(OSError):
        mode = path.stat().st_mode
        return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)
    return False


def current_umask() -> int:
    """Returns the process's umask: the permission bits that new files do not get."""
    current = os.umask(0)
    os.umask(current)
    return current


def _opened(path: Path) -> AbstractContextManager[BinaryIO]:
    descriptor = _descriptor(path)
    if descriptor is not None:
        return os.fdopen(os.dup(descriptor), "wb")
    if is_stream(path) or path.is_dir():
        return path.open("wb")  # which a folder refuses
    target = Path(os.path.realpath(path))
    try:
        os.close(os.open(target, os.O_WRONLY))  # a file that is write-protected stays as it is
    except FileNotFoundError:
        return _new(target)
    return _existing(target)


def _descriptor(path: Path) -> int | None:
    """Returns N if a path is ``/dev/fd/N``, or a link to it as ``/dev/stdout`` is.

    Opening such a path would empty the file that a shell opened to append to it.
    """
    descriptors = os.path.realpath("/dev/fd")
    for _ in range(_MOST_LINKS):
        if path.name.isdecimal() and os.path.realpath(path.parent) == descriptors:
            return int(path.name)
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


@contextmanager
def _new(target: Path) -> Iterator[BinaryIO]:
    with _temporary(target.parent, target, 0o666) as (stream, temporary):
        yield stream
        stream.close()
        temporary.replace(target)


@contextmanager
def _existing(target: Path) -> Iterator[BinaryIO]:
    import tempfile  # here, so that commands that write no file start faster

    beside = takes_files(target.parent)
    folder = target.parent if beside else Path(tempfile.gettempdir())
    with _temporary(folder, target, 0o600) as (stream, temporary):
        yield stream
        stream.close()
        if beside:
            put_in_place(temporary, target)
        else:
            _copied(temporary, target)


def takes_files(folder: Path) -> bool:
    """Returns whether new files can be made in a folder."""
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)


def put_in_place(made: Path, target: Path) -> None:
    """Gives a finished file the name of another in its folder, which keeps its mode, owner and other names.

    ``made`` may be left where the other file cannot be replaced, and gets its content instead.
    """
    if not target.exists():
        made.replace(target)
    elif not _replaced(made, target):
        _copied(made, target)


def _copied(made: Path, target: Path) -> None:
    import shutil

    def copy() -> None:
        with made.open("rb") as source, target.open("r+b") as sink:
            shutil.copyfileobj(source, sink)
            sink.truncate()

    with finally_doing(copy):  # an interrupt copies it again, from the start
        pass


def _replaced(temporary: Path, target: Path) -> bool:
    """Puts a file in the place of another; returns False if that cannot be done, or loses its owner or other names."""
    import shutil

    found, made = target.stat(), temporary.stat()
    try:
        if found.st_nlink > 1:
            return False
        if (found.st_uid, found.st_gid) != (made.st_uid, made.st_gid):
            os.chown(temporary, found.st_uid, found.st_gid)
        shutil.copystat(target, temporary)  # the mode, and lists of access rights
        os.utime(temporary)
        temporary.replace(target)
    except OSError:  # the owner is another user, or the file is a mount of its own
        return False
    return True


@contextmanager
def _temporary(folder: Path, target: Path, mode: int) -> Iterator[tuple[BinaryIO, Path]]:
    """Makes an empty file with a name of its own; removes it at the end if it still has that name."""
    path = new_name(folder, f".{target.name[:_NAME_PART]}.")
    with (
        finally_doing(partial(path.unlink, missing_ok=True)),
        os.fdopen(os.open(path, _FRESH, mode), "wb") as stream,
    ):
        yield stream, path
