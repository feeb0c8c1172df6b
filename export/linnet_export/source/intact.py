"""Checks that each file is what its name says, before a library reads it and fails without naming it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from linnet_export.errors import CheckpointError, first_line

_LFS_POINTER = b"version https://git-lfs"
_WEB_PAGES = (b"<!doctype html", b"<html")


def check_files(folder: Path, names: Iterable[str]) -> None:
    """Checks the files of a folder; names without a file pass.

    Raises:
        CheckpointError: a file cannot be read, is empty, is a git-LFS pointer or a web page; or a ``.json`` file is
            not a JSON object.
    """
    for name in names:
        if os.path.lexists(folder / name):
            _check(folder / name)


def read_object(file: Path) -> dict[str, object]:
    """Returns the JSON object in a file.

    Raises:
        CheckpointError: the file has something else.
    """
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(file, error.strerror or str(error), "see that it can be read") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{file}: expected JSON in UTF-8: {first_line(error)}; copy the checkpoint again"
        ) from error
    if not isinstance(value, dict):
        raise CheckpointError(
            f"{file}: expected a JSON object, found {type(value).__name__}; copy the checkpoint again"
        )
    return value


def _check(file: Path) -> None:
    if not file.exists():
        raise _refused(file, f"a link to {file.readlink()}, which does not exist", "copy what it links to")
    if not file.is_file():
        found = "a folder" if file.is_dir() else "a pipe or a device"
        raise _refused(file, found, "copy the checkpoint again")
    try:
        with file.open("rb") as stream:
            beginning = stream.read(64)
    except OSError as error:
        raise _refused(file, error.strerror or str(error), "see that it can be read") from error
    if not beginning:
        raise _refused(file, "an empty one", "copy the checkpoint again")
    if beginning.startswith(_LFS_POINTER):
        raise _refused(file, "a git-LFS pointer", "fetch its content: git lfs pull")
    if beginning.lower().startswith(_WEB_PAGES):
        raise _refused(file, "a web page", "download it again")
    if file.suffix == ".json":
        read_object(file)


def _refused(file: Path, found: str, remedy: str) -> CheckpointError:
    return CheckpointError(f"{file}: expected a file of a checkpoint, found {found}; {remedy}")
