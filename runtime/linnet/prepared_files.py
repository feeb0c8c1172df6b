"""What ``linnet prepare`` left in a bundle's folder, as ``onnx/prepared.json`` lists it."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linnet.errors import BundleFormatError
from linnet.fields import field, parse_object
from linnet.layout import PREPARED
from linnet.manifest import FileRecord, record_of, unlisted

LAYOUT = 2
"""To be raised when `linnet.packed_graph` lays files out in another way, so that those of before are used no more."""


STAGING = ".prepared.partial-"
"""How the folders begin in which it is made."""

_NAME = re.compile(r"prepared(\.json|-[0-9a-f]{12}\.onnx(_data)?)")


@dataclass(frozen=True)
class Prepared:
    """The ``facts`` that it is for, and its files: the graph, and the weights that are mapped with it."""

    facts: dict[str, Any]
    graph: FileRecord
    weights: FileRecord


def read_prepared(folder: Path) -> Prepared | None:
    """What is listed; None where nothing is prepared, or nothing that may be read.

    Raises:
        BundleFormatError: the list makes no sense.
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
    """What mends anything that is wrong with it."""
    return f"make it again, or take it away: linnet prepare {folder} [--remove]"


def prepared_files(folder: Path) -> list[Path]:
    """Every file of it that there is."""
    return sorted(file for file in (folder / PREPARED).parent.glob("prepared*") if _NAME.fullmatch(file.name))


def prepared_size(folder: Path) -> int:
    """The bytes of all of them."""
    size = 0
    for file in prepared_files(folder):
        with suppress(FileNotFoundError):  # another process has just made others, or taken them away
            size += file.stat().st_size
    return size


def strangers(folder: Path) -> list[Path]:
    """The files in a bundle's folder that are neither in its manifest nor prepared, nor in folders for that.

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
    """A folder in which something is being prepared, or files without their list, if there are such."""
    parent = (folder / PREPARED).parent
    without_list = [] if (folder / PREPARED).is_file() else prepared_files(folder)
    return next(iter([*parent.glob(f"{STAGING}*"), *without_list]), None)
