"""The hashes of large files, remembered in this process: a file that has not changed since is not hashed again."""

import os
import time
from collections.abc import Callable
from typing import BinaryIO

Identity = tuple[int, int, int, int, int]
"""A file's device, inode, size in bytes, and times of change in nanoseconds: of its content, and of its inode."""

_HASHES: dict[Identity, str] = {}
_MOST = 1000  # files
_SETTLED = 2.0
"""The age in seconds from which a change is remembered: within the resolution of times, another would not show."""


def sha256_of_file(stream: BinaryIO, compute: Callable[[], str], *, once: bool) -> str:
    """Returns the sha256 of an open file, in hexadecimal.

    Args:
        stream: the file.
        compute: hashes the file.
        once: True to take the hash that this process computed before, if the file has the same identity.
    """
    identity = _identity(stream)
    if once and (known := _HASHES.get(identity)):
        return known
    found = compute()
    if _identity(stream) == identity and time.time() - max(identity[3:]) / 1e9 > _SETTLED:
        if len(_HASHES) >= _MOST:
            _HASHES.clear()
        _HASHES[identity] = found
    return found


def _identity(stream: BinaryIO) -> Identity:
    found = os.fstat(stream.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
