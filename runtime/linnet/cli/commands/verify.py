"""The command ``linnet verify``."""

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ...bundle.folder import read_manifest
from ...bundle.integrity import sha256_of, unlisted, verify
from ...bundle.manifest import FileRecord
from ...bundle.opening import default_bundle
from ...errors import BundleFormatError, InputError
from ...installation import PROGRAM
from ...notes import tell
from ...packing.cache import packed_folder
from ...packing.listing import LIST, read_prepared, remedy
from ..command import DONE, FAILED


def run_verify(args: argparse.Namespace) -> int:
    """Hashes every file of a bundle, and reports those that differ from the manifest; returns the exit status."""
    folder = args.bundle or default_bundle()
    checked = size = faults = 0
    for record, fault in chain(verify(folder, args.sha256), _verify_prepared(folder)):
        checked, size = checked + 1, size + record.size
        if fault:
            faults += 1
            tell(f"{PROGRAM}: {fault}")
    for file in unlisted(folder):
        tell(f"note: {file} is not in the manifest: it is not part of the bundle and was not checked")
    if faults:
        tell(f"{folder}: {faults} of {checked} files failed verification")
        return FAILED
    print(f"{folder}: {checked} files, {size / 1e6:.1f} MB, OK")
    return DONE


def _verify_prepared(folder: Path) -> Iterator[tuple[FileRecord, str | None]]:
    """Hashes the files that ``linnet prepare`` made of the bundle, if there are any."""
    try:
        packed = packed_folder(read_manifest(folder))
        prepared = read_prepared(packed, folder)
    except InputError:  # there is no cache
        return
    except BundleFormatError as error:
        yield FileRecord(LIST, 0, "0" * 64), str(error)
        return
    for record in (prepared.graph, prepared.weights) if prepared else ():
        file = packed / record.path
        intact = file.is_file() and file.stat().st_size == record.size and sha256_of(file) == record.sha256
        yield record, None if intact else f"{file} is missing or was altered: {remedy(folder)}"
