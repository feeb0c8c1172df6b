"""What ``linnet prepare`` left in a bundle's folder, as ``onnx/prepared.json`` lists it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linnet.errors import BundleFormatError, InputError
from linnet.fields import field, parse_object
from linnet.layout import PREPARED
from linnet.manifest import FileRecord, record_of

LAYOUT = 1
"""To be raised when `linnet.packed_graph` lays files out in another way, so that those of before are used no more."""


@dataclass(frozen=True)
class Prepared:
    """The ``facts`` that it is for, and its files: the graph, and the weights that are mapped with it."""

    facts: dict[str, Any]
    graph: FileRecord
    weights: FileRecord


def read_prepared(folder: Path) -> Prepared | None:
    """What is listed; None where nothing is prepared, or nothing that may be read.

    Raises:
        BundleFormatError: the list makes no sense; says what makes it anew.
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
        raise BundleFormatError(
            f"{folder / PREPARED}: expected what linnet prepare writes; make it again, or take it away: "
            f"linnet prepare {folder} [--remove]"
        ) from None


def prepared_files(folder: Path) -> list[Path]:
    """Every file of it that there is."""
    return sorted((folder / PREPARED).parent.glob("prepared*"))


def remove(folder: Path) -> bool:
    """Takes away what is prepared; says whether there was anything.

    Raises:
        InputError: the bundle's folder cannot be written to.
    """
    found = [file for file in prepared_files(folder) if file.is_file()]
    try:
        for file in sorted(
            found, key=lambda file: file.suffix != ".json"
        ):  # the list first: the others then count for nothing
            file.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror or error})") from error
    return bool(found)
