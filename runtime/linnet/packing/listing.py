"""The files that ``linnet prepare`` wrote into a bundle's folder, as ``onnx/prepared.json`` lists them."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..bundle.integrity import unlisted
from ..bundle.manifest import FileRecord, record_of
from ..errors import BundleFormatError
from ..fields import field, parse_object
from ..names import PREPARED

LAYOUT = 2
"""The version of the file layout. Raise it when `linnet.packing.aligning` changes, so that old files are not used."""


STAGING = ".prepared.partial-"
"""The prefix of the temporary folders in which files are prepared."""

_NAME = re.compile(r"prepared(\.json|-[0-9a-f]{12}\.onnx(_data)?)")


@dataclass(frozen=True)
class Prepared:
    """A list of prepared files: the graph, its mapped weights, and the ``facts`` that they were made for."""

    facts: dict[str, Any]
    graph: FileRecord
    weights: FileRecord


def read_prepared(folder: Path) -> Prepared | None:
    """Reads the list of prepared files; returns None if it is missing or cannot be read.

    Raises:
        BundleFormatError: the list is invalid.
    """
    try:
        content = (folder / PREPARED).read_bytes()
    except OSError:
        return None
    try:
        values = parse_object(PREPARED, content)
        graph, weights = map(record_of, field(values, PREPARED, "files", list))
        return Prepared(field(values, PREPARED, "facts", dict), graph, weights)
    except (BundleFormatError, ValueError):
        raise BundleFormatError(f"{folder / PREPARED}: expected what linnet prepare writes: {remedy(folder)}") from None


def remedy(folder: Path) -> str:
    """Returns how to fix damaged prepared files, for messages."""
    return f"make it again, or remove it: linnet prepare {folder} [--remove]"


def prepared_files(folder: Path) -> list[Path]:
    """Returns all prepared files in the folder, listed or not."""
    return sorted(file for file in (folder / PREPARED).parent.glob("prepared*") if _NAME.fullmatch(file.name))


def prepared_size(folder: Path) -> int:
    """Returns the total size of the prepared files in bytes."""
    size = 0
    for file in prepared_files(folder):
        with suppress(FileNotFoundError):  # another process has just replaced or removed it
            size += file.stat().st_size
    return size


def strangers(folder: Path) -> list[Path]:
    """Returns the files in a bundle's folder that are neither in its manifest nor made by ``linnet prepare``.

    Raises:
        BundleError: the manifest cannot be read.
    """
    prepared = set(prepared_files(folder))
    return [
        file
        for file in unlisted(folder)
        if file not in prepared and not any(part.startswith(STAGING) for part in file.parts)
    ]


def left_behind(folder: Path) -> Path | None:
    """Returns what an unfinished ``linnet prepare`` left, a folder or a file without its list, or None."""
    parent = (folder / PREPARED).parent
    without_list = [] if (folder / PREPARED).is_file() else prepared_files(folder)
    return next(iter([*parent.glob(f"{STAGING}*"), *without_list]), None)
