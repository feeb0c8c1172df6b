"""A file as the hub lists it, and the check of a file on disk against it."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from linnet.bundle.integrity import hexdigest, sha256_of

_HEXADECIMAL = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True)
class RemoteFile:
    """One file of a commit.

    Attributes:
        path: the file's path in the repository, with ``/`` between names.
        size: the size in bytes.
        sha256: the sha256 of the content, if the file is in LFS.
        blob_id: git's sha1 of the file; for a file in LFS, the sha1 of its pointer.

    Raises:
        ValueError: a hash or the size is not valid.
    """

    path: str
    size: int
    sha256: str | None
    blob_id: str | None

    def __post_init__(self) -> None:
        if not isinstance(self.path, str) or not isinstance(self.size, int) or self.size < 0:
            raise ValueError(f"expected a path and a size in bytes, found {self.path!r} and {self.size!r}")
        if self.sha256 is not None and not is_sha256(self.sha256):
            raise ValueError(f"{self.path}: expected a sha256, found {self.sha256!r}")
        if self.blob_id is not None and not is_sha1(self.blob_id):
            raise ValueError(f"{self.path}: expected a git sha1, found {self.blob_id!r}")

    @property
    def digest(self) -> str | None:
        """The hash of the content, also the blob's name in the cache; None if no hash is known."""
        return self.sha256 or self.blob_id

    def fault(self, file: Path) -> str | None:
        """Returns the difference between the file on disk and this one, in words; None if they are equal.

        If no hash is known, only the size is compared.
        """
        size = file.stat().st_size
        if size != self.size:
            return f"expected {self.size:,} bytes, found {size:,}"
        if self.digest is None:
            return None
        algorithm, found = ("sha256", sha256_of(file)) if self.sha256 else ("git sha1", _git_sha1(file, size))
        return None if found == self.digest else f"expected the {algorithm} {self.digest}, found {found}"


def is_sha1(text: str) -> bool:
    """Returns True if the text is 40 hexadecimal digits."""
    return len(text) == 40 and _HEXADECIMAL.fullmatch(text) is not None


def is_sha256(text: str) -> bool:
    """Returns True if the text is 64 hexadecimal digits."""
    return len(text) == 64 and _HEXADECIMAL.fullmatch(text) is not None


def readable(size: int) -> str:
    """Returns a size in bytes with a unit, such as ``1.5 MB``."""
    for unit, bytes_of_it in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= bytes_of_it:
            return f"{size / bytes_of_it:.1f} {unit}"
    return f"{size} bytes"


def total_size(files: Iterable[RemoteFile]) -> int:
    """Returns the total size of the files in bytes."""
    return sum(file.size for file in files)


def _git_sha1(file: Path, size: int) -> str:
    return hexdigest(file, hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False))
