"""An opened folder → the content of its files, as the manifest has them.

The files are read through the folder that was opened, so that they all belong to one version of a bundle, whatever
its name stands for later: another version may get the name, and the process may change its working folder.
"""

import hashlib
import mmap
import os
import stat
from pathlib import Path
from typing import BinaryIO

from ..errors import BundleError, BundleIntegrityError, BundleNotFoundError
from ..names import CONFIG, MANIFEST, SETTINGS
from .manifest import FileRecord, Manifest, parse_manifest

REMEDY = "copy the bundle again, or convert the checkpoint again"
"""How to fix a file that does not match the manifest."""

_BLOCK = 1 << 20  # bytes read at a time
_BY_FOLDER = os.open in os.supports_dir_fd  # not on Windows


class Folder:
    """A bundle's folder, opened.

    ``path`` is the folder as it was given, and ``resolved`` the folder that this was, absolute and without links.

    Raises:
        BundleNotFoundError: there is no such folder.
        BundleError: the folder may not be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.resolved = path.resolve(strict=True)
            self._descriptor = os.open(self.resolved, os.O_RDONLY | os.O_DIRECTORY) if _BY_FOLDER else None
        except PermissionError as error:
            raise BundleError(f"{path}: {error.strerror}; see that the folder may be read") from None
        except (OSError, ValueError, RuntimeError):  # a name with a NUL; a circle of links
            found = "a file" if path.is_file() else "nothing"
            raise BundleNotFoundError(
                f"expected a bundle's folder at {path}, found {found}; to convert a checkpoint (a folder or a hub id): "
                "linnet-export convert CHECKPOINT --output DIR"
            ) from None

    def __del__(self) -> None:
        descriptor = getattr(self, "_descriptor", None)
        if descriptor is not None:
            os.close(descriptor)

    def manifest(self) -> bytes:
        """Returns the content of the manifest.

        Raises:
            BundleNotFoundError: there is none.
        """
        try:
            with self._stream(MANIFEST) as stream:
                return stream.read()
        except OSError:
            raise BundleNotFoundError(f"no bundle in {self.path}: it has no {MANIFEST}; {self._remedy()}") from None

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
            content = stream.read()
        self.expect(listed, hashlib.sha256(content).hexdigest())
        return content

    def mapped(self, listed: FileRecord, *, hashed: bool) -> mmap.mmap:
        """Returns a file's memory map, of the size in the manifest, and with ``hashed`` of the content too.

        Raises:
            BundleIntegrityError: the file is missing, has another size, or is altered.
        """
        with self._opened(listed) as stream:
            if hashed:
                self._hash(stream, listed)
            if not listed.size:
                raise BundleIntegrityError(f"{self.path / listed.path} is empty: {REMEDY}")
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)

    def check(self, listed: FileRecord, *, hashed: bool = True) -> None:
        """Checks the size of a file, and with ``hashed`` its content.

        Raises:
            BundleIntegrityError: the file is missing or altered.
        """
        with self._opened(listed) as stream:
            if hashed:
                self._hash(stream, listed)

    def _hash(self, stream: BinaryIO, listed: FileRecord) -> None:
        """Checks the content of a file, which is read in blocks that are not kept."""
        digest = hashlib.sha256()
        while block := stream.read(_BLOCK):
            digest.update(block)
        self.expect(listed, digest.hexdigest())

    def _opened(self, listed: FileRecord) -> BinaryIO:
        """Opens a regular file that has the size in the manifest."""
        file = self.path / listed.path
        try:
            stream = self._stream(listed.path)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise BundleIntegrityError(f"{file} is missing: {REMEDY}") from None
        except OSError as error:
            raise BundleError(f"{file}: {error.strerror or error}; see that it may be read") from None
        found = os.fstat(stream.fileno())
        if stat.S_ISREG(found.st_mode) and found.st_size == listed.size:
            return stream
        stream.close()
        what = f"{found.st_size} bytes" if stat.S_ISREG(found.st_mode) else "no regular file"
        raise BundleIntegrityError(f"{file}: expected {listed.size} bytes, found {what}: {REMEDY}")

    def _stream(self, name: str) -> BinaryIO:
        return open(name if _BY_FOLDER else self.resolved / name, "rb", opener=self._open)

    def _open(self, path: str, flags: int) -> int:
        # A pipe in place of a file must not wait for a writer.
        return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), dir_fd=self._descriptor)

    def expect(self, listed: FileRecord, found: str) -> None:
        """Checks the sha256 that was found of a file's content.

        Raises:
            BundleIntegrityError: the manifest has another.
        """
        if found != listed.sha256:
            raise BundleIntegrityError(
                f"{self.path / listed.path} was altered: expected sha256 {listed.sha256}, found {found}: {REMEDY}"
            )


def read_manifest(folder: Path, *, any_format: bool = False) -> Manifest:
    """Reads the manifest of the bundle in a folder; see `parse_manifest`.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleFormatError: the bundle has another format, or its manifest is invalid.
    """
    return parse_manifest(Folder(folder).manifest(), any_format=any_format)
