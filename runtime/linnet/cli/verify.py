"""The command ``linnet verify``."""

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ..bundle.integrity import hashed, verify
from ..bundle.manifest import FileRecord
from ..bundle.opening import default_bundle
from ..errors import BundleFormatError
from ..names import PREPARED
from ..notes import tell
from ..packing.listing import left_behind, read_prepared, remedy, strangers
from .command import DONE, FAILED


def run_verify(args: argparse.Namespace) -> int:
    """Hashes every file of a bundle, and reports those that differ from the manifest; returns the exit status."""
    folder = args.bundle or default_bundle()
    checked = size = faults = 0
    for record, fault in chain(verify(folder), _verify_prepared(folder)):
        checked, size = checked + 1, size + record.size
        if fault:
            faults += 1
            tell(f"linnet: {fault}")
    for file in strangers(folder):
        tell(f"note: {file} is not in the manifest: it is not part of the bundle and was not checked")
    if left := left_behind(folder):
        tell(
            f"note: {left} belongs to a linnet prepare that is running or was killed: "
            f"linnet prepare {folder} --remove cleans up"
        )
    if faults:
        tell(f"{folder}: {faults} of {checked} files failed verification")
        return FAILED
    print(f"{folder}: {checked} files, {size / 1e6:.1f} MB, OK")
    return DONE


def _verify_prepared(folder: Path) -> Iterator[tuple[FileRecord, str | None]]:
    try:
        prepared = read_prepared(folder)
    except BundleFormatError as error:
        yield FileRecord(PREPARED, 0, ""), str(error)
    else:
        if prepared:
            yield from hashed(folder, [prepared.graph, prepared.weights], remedy(folder))
