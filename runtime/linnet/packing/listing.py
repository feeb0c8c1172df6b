"""The packed weights of a bundle, as ``prepared.json`` beside them lists them."""

import re
import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..bundle.manifest import FileRecord, record_of
from ..errors import BundleFormatError
from ..fields import field, parse_object
from ..installation import PROGRAM

LIST = "prepared.json"
LAYOUT = 3
"""The version of the file layout. Raise it when `linnet.packing.aligning` changes, so that old files are not used."""

STAGING = ".prepared.partial-"
"""The prefix of the temporary folders in which files are prepared."""

_NAME = re.compile(r"prepared(\.json|-[0-9a-f]{12}\.onnx(_data)?)")
_LARGEST = 1 << 20  # bytes of the list


@dataclass(frozen=True)
class Prepared:
    """A list of prepared files: the graph, its mapped weights, and the ``facts`` that they were made for."""

    facts: dict[str, Any]
    graph: FileRecord
    weights: FileRecord


def remedy(bundle: Path) -> str:
    """Returns how to fix damaged packed weights of the bundle in a folder."""
    return f"make it again, or remove it: {PROGRAM} prepare [--remove] {shlex.quote(str(bundle))}"


def read_prepared(folder: Path, bundle: Path) -> Prepared | None:
    """Reads the list in the folder of a bundle's packed weights; returns None if there is none.

    ``bundle`` is the bundle's own folder, for the message.

    Raises:
        BundleFormatError: the list is invalid.
    """
    file = folder / LIST
    try:
        content = file.read_bytes() if file.is_file() and file.stat().st_size <= _LARGEST else None
    except OSError:
        return None
    if content is None:
        return None
    try:
        values = parse_object(LIST, content)
        graph, weights = map(record_of, field(values, LIST, "files", list))
        if not (_NAME.fullmatch(graph.path) and weights.path == f"{graph.path}_data"):
            raise ValueError(graph.path)
        return Prepared(field(values, LIST, "facts", dict), graph, weights)
    except (BundleFormatError, ValueError):
        raise BundleFormatError(f"{file}: expected what {PROGRAM} prepare writes: {remedy(bundle)}") from None


def prepared_files(folder: Path) -> list[Path]:
    """Returns all prepared files in the folder, listed or not."""
    return sorted(file for file in folder.glob("prepared*") if _NAME.fullmatch(file.name))


def prepared_size(folder: Path) -> int:
    """Returns the total size of the prepared files in bytes."""
    size = 0
    for file in prepared_files(folder):
        with suppress(FileNotFoundError):  # another process has just replaced or removed it
            size += file.stat().st_size
    return size
