"""Puts a bundle's folder in its place atomically: it appears complete under its final name, or not at all."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..errors import BundleError, InputError
from ..system.files import current_umask
from ..system.staging import staging
from ..system.temporary import finally_doing
from .folder import read_manifest
from .integrity import unlisted

_OF_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini")
_ELSEWHERE = "choose another --output"


def resolve_target(output: Path, origin: Path, *, overwrite: bool, what: str = "checkpoint") -> Path:
    """Returns the absolute path of the output folder, and checks that writing it loses no data.

    Args:
        output: the folder to write.
        origin: the folder that the bundle is made from.
        overwrite: True to replace a bundle.
        what: what ``origin`` is, for messages.

    Raises:
        InputError: the target is a file or the current folder, contains ``origin`` or is inside it; or it is not
            empty and ``overwrite`` is False, or contains anything other than a bundle.
    """
    try:
        target = output.resolve()
        occupied = _is_occupied(target)
    except OSError as error:
        raise InputError(f"{output}: {error.strerror}; {_ELSEWHERE}") from None
    holds_origin = origin.exists() and origin.resolve().is_relative_to(target)
    if target in (Path.cwd(), *Path.cwd().parents) or holds_origin:
        raise InputError(f"{output} contains the current folder or the {what}; {_ELSEWHERE}")
    if origin.is_dir() and target.is_relative_to(origin.resolve()):
        raise InputError(f"{output} is in the folder of the {what}, which must not change; {_ELSEWHERE}")
    if occupied:
        _check_replaceable(output, target, overwrite)
    return target


def _is_occupied(target: Path) -> bool:
    return target.exists() and (not target.is_dir() or any(target.iterdir()))


def _check_replaceable(output: Path, target: Path, overwrite: bool) -> None:
    """Checks that what is at the target may be replaced: a bundle, nothing else, and ``overwrite`` is True."""
    if not target.is_dir():
        raise InputError(f"{output}: expected a folder, or a path that does not exist, found a file; {_ELSEWHERE}")
    if not _is_bundle(target):
        raise InputError(f"{output} is not empty, and is not a bundle; {_ELSEWHERE}")
    if not overwrite:
        raise InputError(f"{output} contains a bundle: {_ELSEWHERE}, or replace it with --overwrite")
    if others := _others(target):
        raise InputError(
            f"{output} contains files besides the bundle: {', '.join(others)}, which would be lost; "
            f"move them away, or {_ELSEWHERE}"
        )


def _is_bundle(folder: Path) -> bool:
    try:
        read_manifest(folder, any_format=True)
    except BundleError:
        return False
    return True


def _others(target: Path) -> list[str]:
    """Returns the files in a bundle's folder that are not part of the bundle."""
    return [str(file.relative_to(target)) for file in unlisted(target) if file.name not in _OF_SYSTEMS]


@dataclass(frozen=True)
class Staged:
    """Two folders in the staging folder: the future ``bundle``, and ``scratch`` for temporary files."""

    bundle: Path
    scratch: Path


@contextmanager
def staging_folder(target: Path) -> Iterator[Staged]:
    """Creates a temporary folder in the same folder as the target, and so on the same disk.

    At the end, the temporary folder and any new parents that stayed empty are removed. If the process is killed,
    the next conversion to the same target removes its temporary folder.
    """
    missing = [parent for parent in target.parents if not parent.exists()]
    with ExitStack() as stack:
        stack.enter_context(finally_doing(partial(_remove_empty, missing)))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            folder = stack.enter_context(staging(target.parent, f".{target.name}.partial-"))
        except OSError as error:
            raise InputError(f"cannot write into {target.parent}: {error.strerror}; {_ELSEWHERE}") from None
        bundle = folder / "bundle"
        bundle.mkdir()
        yield Staged(bundle, folder / "scratch")


def _remove_empty(folders: list[Path]) -> None:
    with suppress(OSError):  # stops at the first folder that is not empty
        for folder in folders:
            folder.rmdir()


def publish(folder: Path, target: Path, *, overwrite: bool) -> None:
    """Moves a finished folder to its final name, with default permissions; with ``overwrite``, replaces a bundle there.

    Checks the target again, because files may have come there since `resolve_target`, from another conversion too.

    Raises:
        InputError: the target has files that would be lost; it stays as it is.
    """
    for path in (folder, *folder.rglob("*")):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~current_umask())
    if _is_occupied(target):
        _check_replaceable(target, target, overwrite)
    if not target.exists():
        folder.rename(target)
        return
    replaced = folder.with_name("replaced")

    def restore() -> None:
        if replaced.exists() and not target.exists():
            replaced.rename(target)

    with finally_doing(restore):
        target.rename(replaced)
        folder.rename(target)
