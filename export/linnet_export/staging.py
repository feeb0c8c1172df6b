"""A folder that appears whole, under its final name, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linnet.errors import InputError
from linnet.outputs import current_umask


def check_target(target: Path, *, overwrite: bool) -> None:
    """Refuses a target that would be lost, or that cannot be written.

    Raises:
        InputError: the target exists and ``overwrite`` is False, or its parent is no folder.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InputError(f"{target}: expected a folder, or nothing, found a file; choose another --output")
    if target.is_dir() and any(target.iterdir()) and not overwrite:
        raise InputError(f"{target} is not empty: choose another --output, or replace it with --overwrite")
    parent = target.absolute().parent
    if parent.exists() and not parent.is_dir():
        raise InputError(f"{parent}: expected a folder to write into, found a file; choose another --output")


@contextmanager
def staging_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside the target, on the same disk; it is gone afterwards, however that comes about."""
    parent = target.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=parent))
    except OSError as error:
        raise InputError(f"cannot write into {parent}: {error.strerror}; choose another --output") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, target: Path) -> None:
    """Renames a finished folder to its final name, readable by all as any new file; what stood there goes."""
    for path in (folder, *folder.rglob("*")):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~current_umask())
    if not target.exists():
        folder.rename(target)
        return
    replaced = folder.with_name("replaced")
    target.rename(replaced)
    try:
        folder.rename(target)
    except OSError:
        replaced.rename(target)
        raise
