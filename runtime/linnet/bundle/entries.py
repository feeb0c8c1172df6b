"""An opened folder → the paths of all files in it, whether the manifest lists them or not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import BundleError
from .folder import Folder


def entries(folder: Folder) -> Iterator[tuple[str, bool]]:
    """Yields the path of all that is in the folder and no folder, at any depth, and True if it is a link.

    Raises:
        BundleError: a folder may not be read.
    """
    waiting = [""]
    while waiting:
        inner = waiting.pop()
        try:
            with _listed(folder, inner) as found:
                for entry in found:
                    name = inner + entry.name
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(f"{name}/")
                    else:
                        yield name, entry.is_symlink()
        except OSError as error:
            raise BundleError(
                f"{folder.path / inner}: {error.strerror or error}; see that the folder may be read"
            ) from None


@contextmanager
def _listed(folder: Folder, inner: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    if folder.descriptor is None:
        with os.scandir(folder.resolved / inner) as found:
            yield found
        return
    descriptor = os.open(inner or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder.descriptor)
    try:
        with os.scandir(descriptor) as found:
            yield found
    finally:
        os.close(descriptor)
