"""An opened folder → the content of its files, as the manifest has them.

The files are read through the folder that was opened, so that they all belong to one version of a bundle, whatever
its name stands for later: another version may get the name, and the process may change its working folder.
"""

import errno
import hashlib
import io
import mmap
import os
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ..errors import BundleError, BundleIntegrityError, BundleNotFoundError
from ..names import CONFIG, MANIFEST, SETTINGS, SIGNATURE
from ..system.mapping import map_file
from .limits import largest
from .manifest import FileRecord, Manifest, parse_manifest
from .remembering import sha256_of_file

REMEDY = "copy the bundle again, or convert the checkpoint again"
"""How to fix a file that does not match the manifest."""

_BLOCK = 1 << 20  # bytes read at a time
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL)
"""Errors that say that there is no such folder; others, such as too many open files, say that it cannot be read."""
_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_BY_FOLDER = os.open in os.supports_dir_fd  # not on Windows


class Folder:
    """A bundle's folder, opened.

    ``path`` is the folder as it was given, and ``resolved`` the folder that this was, absolute and without links.
    ``descriptor`` is the open folder; None on Windows.

    Raises:
        BundleNotFoundError: there is no such folder.
        BundleError: the folder may not be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.resolved = path.resolve(strict=True)
            self.descriptor = os.open(self.resolved, os.O_RDONLY | os.O_DIRECTORY) if _BY_FOLDER else None
        except (OSError, ValueError, RuntimeError) as error:  # a long name, one with a NUL; a circle of links
            if isinstance(error, OSError) and error.errno not in _NOT_THERE:
                raise BundleError(f"{path}: {error.strerror}; see that the folder may be read") from None
            found = "a file" if isinstance(error, NotADirectoryError) else "nothing"
            raise BundleNotFoundError(
                f"expected a bundle's folder at {path}, found {found}; to convert a checkpoint (a folder or a hub id): "
                "linnet-export convert CHECKPOINT --output DIR"
            ) from None
        if self.descriptor is not None:
            # Not `__del__`: at exit that runs when `os` may be gone. At exit, the system closes the folder.
            weakref.finalize(self, os.close, self.descriptor).atexit = False

    def manifest(self) -> bytes:
        """Returns the content of the manifest.

        Raises:
            BundleNotFoundError: there is none.
            BundleIntegrityError: it is no file, or larger than Linnet writes it.
        """
        content = self._unlisted(MANIFEST)
        if content is None:
            raise BundleNotFoundError(f"no bundle in {self.path}: it has no {MANIFEST}; {self._remedy()}")
        return content

    def signature(self) -> bytes | None:
        """Returns the content of the signature; None if there is none.

        Raises:
            BundleIntegrityError: it is no file, or larger than signatures are.
        """
        return self._unlisted(SIGNATURE)

    def _unlisted(self, name: str) -> bytes | None:
        """Returns the content of a file that no manifest lists; None if there is none."""
        file, most = self.path / name, largest(name)
        try:
            with self._regular(name) as stream:
                size = _size(stream)
                content = _read(stream, most) if size <= most else b""
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(file, error) from None
        if (size := max(size, len(content))) > most:
            raise BundleIntegrityError(f"{file}: expected at most {most} bytes, found {size}: {REMEDY}")
        return content

    def _remedy(self) -> str:
        """Returns what to do about a folder without a manifest."""
        if (self.resolved / SETTINGS).is_file():
            return f"it has {SETTINGS}, so it is a part of a bundle: copy the whole bundle again"
        if (self.resolved / CONFIG).is_file():
            return f"to convert a checkpoint: linnet-export convert {self.path} --output DIR"
        return "name the folder that linnet-export convert wrote"

    def content(self, listed: FileRecord) -> bytes:
        """Returns the content of a file.

        Raises:
            BundleIntegrityError: the file is missing or altered.
        """
        with self._opened(listed) as stream:
            content = _read(stream, listed.size)
        self.expect(listed, hashlib.sha256(content).hexdigest())
        return content

    def mapped(self, listed: FileRecord, *, hashed: bool, once: bool = False) -> mmap.mmap:
        """Returns a file's memory map, of the size in the manifest, and with ``hashed`` of the content too.

        With ``once``, a file that this process hashed before and that has not changed since is not hashed again.

        Raises:
            BundleIntegrityError: the file is missing, has another size, or is altered.
        """
        with self._opened(listed) as stream:
            if hashed:
                self.expect(listed, sha256_of_file(stream, partial(_hash, stream, listed.size), once=once))
            if not listed.size:
                raise BundleIntegrityError(f"{self.path / listed.path} is empty: {REMEDY}")
            if hashed:  # without a path, so that nobody reads it again from a folder that was swapped meanwhile
                return mmap.mmap(stream.fileno(), listed.size, access=mmap.ACCESS_READ)
            return map_file(stream, self.resolved / listed.path, listed.size)

    def check(self, listed: FileRecord, *, hashed: bool = True) -> None:
        """Checks the size of a file, and with ``hashed`` its content.

        Raises:
            BundleIntegrityError: the file is missing or altered.
        """
        with self._opened(listed) as stream:
            if hashed:
                self.expect(listed, _hash(stream, listed.size))

    def record(self, name: str) -> FileRecord:
        """Returns the record of a file that the manifest may not list.

        Raises:
            BundleIntegrityError: there is no such file, or it is larger than the files of a bundle are.
        """
        file = self.path / name
        try:
            with self._regular(name) as stream:
                if (size := _size(stream)) > largest(name):
                    raise BundleIntegrityError(
                        f"{file}: expected at most {largest(name)} bytes, found {size}: {REMEDY}"
                    )
                return FileRecord(name, size, _hash(stream, size))
        except OSError as error:
            raise _unreadable(file, error) from None

    @contextmanager
    def _opened(self, listed: FileRecord) -> Iterator[BinaryIO]:
        """Opens a regular file that has the size in the manifest."""
        file = self.path / listed.path
        try:
            with self._regular(listed.path) as stream:
                if (size := _size(stream)) != listed.size:
                    raise BundleIntegrityError(f"{file}: expected {listed.size} bytes, found {size}: {REMEDY}")
                yield stream
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise BundleIntegrityError(f"{file} is missing: {REMEDY}") from None
        except OSError as error:
            raise _unreadable(file, error) from None

    def _regular(self, name: str) -> BinaryIO:
        """Opens a regular file, or a link to one, for reading; never waits for another process.

        Raises:
            OSError: there is none, or it may not be read.
            BundleIntegrityError: it is something else than a file.
        """
        stream = io.BufferedReader(io.FileIO(name if _BY_FOLDER else self.resolved / name, opener=self._open))
        if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return stream
        stream.close()
        raise BundleIntegrityError(f"{self.path / name}: expected a file, found no regular file: {REMEDY}")

    def _open(self, path: str, flags: int) -> int:
        # A pipe in place of a file must not wait for a writer, nor a terminal become the process's own.
        return os.open(path, flags | _NEVER_WAIT, dir_fd=self.descriptor)

    def expect(self, listed: FileRecord, found: str) -> None:
        """Checks the sha256 that was found of a file's content.

        Raises:
            BundleIntegrityError: the manifest has another.
        """
        if found != listed.sha256:
            raise BundleIntegrityError(
                f"{self.path / listed.path} was altered: expected sha256 {listed.sha256}, found {found}: {REMEDY}"
            )


def _size(stream: BinaryIO) -> int:
    return os.fstat(stream.fileno()).st_size


def _hash(stream: BinaryIO, size: int) -> str:
    """Returns the sha256 of a file, which is read in blocks that are not kept, and at most one byte beyond its size."""
    digest = hashlib.sha256()
    left = size + 1
    while block := stream.read(min(left, _BLOCK)):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest()


def _read(stream: BinaryIO, size: int) -> bytes:
    """Returns the content of a file of ``size`` bytes; one byte more if the file has grown."""
    return stream.read(size + 1)


def _unreadable(file: Path, error: OSError) -> BundleError:
    return BundleError(f"{file}: {error.strerror or error}; see that it may be read")


def read_manifest(folder: Path, *, any_format: bool = False) -> Manifest:
    """Reads the manifest of the bundle in a folder; see `parse_manifest`.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleFormatError: the bundle has another format, or its manifest is invalid.
    """
    return parse_manifest(Folder(folder).manifest(), any_format=any_format)
