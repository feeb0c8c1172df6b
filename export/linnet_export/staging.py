"""A folder that appears whole, under its final name, or not at all."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from linnet.errors import BundleError, InputError
from linnet.files import current_umask
from linnet.manifest import read_manifest, records
from linnet.prepared_files import strangers
from linnet.staging import staging

_OF_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini")


def resolve_target(output: Path, checkpoint: Path, *, overwrite: bool) -> Path:
    """The absolute path of the folder to make; refuses one at which something would be lost.

    Raises:
        InputError: the target is a file, the current folder, holds the checkpoint or is in it; or it holds
            something and ``overwrite`` is False, or something that is no bundle.
    """
    elsewhere = "choose another --output"
    try:
        target = output.resolve()
        occupied = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError as error:
        raise InputError(f"{output}: {error.strerror}; {elsewhere}") from None
    if target.exists() and not target.is_dir():
        raise InputError(f"{output}: expected a folder, or nothing, found a file; {elsewhere}")
    holds_checkpoint = checkpoint.exists() and checkpoint.resolve().is_relative_to(target)
    if target in (Path.cwd(), *Path.cwd().parents) or holds_checkpoint:
        raise InputError(f"{output} holds the current folder or the checkpoint; {elsewhere}")
    if checkpoint.is_dir() and target.is_relative_to(checkpoint.resolve()):
        raise InputError(f"{output} is in the folder of the checkpoint, which stays as it is; {elsewhere}")
    if occupied and not _is_bundle(target):
        raise InputError(f"{output} is not empty, and no bundle that could be replaced; {elsewhere}")
    if occupied and not overwrite:
        raise InputError(f"{output} holds a bundle: {elsewhere}, or replace it with --overwrite")
    if occupied and (others := _others(target)):
        raise InputError(
            f"{output} has besides its bundle {', '.join(others)}, which would be lost: move that away, or {elsewhere}"
        )
    return target


def _is_bundle(folder: Path) -> bool:
    try:
        records(read_manifest(folder))
    except BundleError:
        return False
    return True


def _others(target: Path) -> list[str]:
    """What somebody put into a bundle's folder."""
    return [str(file.relative_to(target)) for file in strangers(target) if file.name not in _OF_SYSTEMS]


@contextmanager
def staging_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside the target, on the same disk.

    It is gone afterwards, and so are parents that were made in vain. What a process leaves that is killed outright goes with
    the next one for the same target.
    """
    missing = [parent for parent in target.parents if not parent.exists()]
    with ExitStack() as stack:
        stack.callback(_remove_empty, missing)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            folder = stack.enter_context(staging(target.parent, f".{target.name}.partial-"))
        except OSError as error:
            raise InputError(f"cannot write into {target.parent}: {error.strerror}; choose another --output") from None
        yield folder


def _remove_empty(folders: list[Path]) -> None:
    with suppress(OSError):  # the first that is not empty ends it
        for folder in folders:
            folder.rmdir()


def publish(folder: Path, target: Path) -> None:
    """Renames a finished folder to its final name, readable by all as any new file; a bundle that stood there goes."""
    for path in (folder, *folder.rglob("*")):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~current_umask())
    if not target.exists():
        folder.rename(target)
        return
    replaced = folder.with_name("replaced")
    try:
        target.rename(replaced)
        folder.rename(target)
    except BaseException:
        if not target.exists():
            replaced.rename(target)
        raise
