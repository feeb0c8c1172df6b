"""The command ``linnet verify``."""

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ...bundle.entries import entries
from ...bundle.folder import Folder
from ...bundle.integrity import expect_digest, sha256_of, unlisted, verify_listed
from ...bundle.manifest import FileRecord, Manifest, parse_manifest
from ...bundle.opening import default_bundle
from ...errors import BundleError, BundleFormatError, InputError
from ...fields import naming
from ...installation import PROGRAM
from ...names import SIGNATURE
from ...notes import tell
from ...packing.cache import is_trusted, packed_folder
from ...packing.listing import LIST, read_prepared, remedy
from ...trust.checking import Signed, check_signature
from ...trust.opening import public_key
from ...trust.statement import NOT_SIGNED
from ..command import DONE, FAILED

Checked = tuple[FileRecord, str | None]
"""A file, and its fault; None if it is intact."""


def run_verify(args: argparse.Namespace) -> int:
    """Hashes every file of a bundle, and reports those that differ from the manifest; returns the exit status."""
    folder = args.bundle or default_bundle()
    key = public_key(args.key, folder) if args.key else None
    with naming(folder):
        opened = Folder(folder)
        signed = check_signature(opened, key) if key else None
        manifest = _manifest(opened, signed, args.sha256)
    checked = size = faults = 0
    for record, fault in chain(
        verify_listed(opened, manifest), _verify_others(signed, manifest), _verify_prepared(folder, manifest, signed)
    ):
        checked, size = checked + 1, size + record.size
        if fault:
            faults += 1
            tell(f"{PROGRAM}: {fault}")
    _tell_unchecked(opened, signed)
    if faults:
        tell(f"{folder}: {faults} of {checked} files failed verification")
        return FAILED
    print(f"{folder}: {checked} files, {size / 1e6:.1f} MB, OK")
    if signed:
        print(f"signed by the key {signed.fingerprint}")
    return DONE


def _manifest(folder: Folder, signed: Signed | None, digest: str | None) -> Manifest:
    """Returns the manifest, which must be the signed one if there is a key, and have the ``digest`` if one is given."""
    content = folder.manifest()
    if signed:
        signed.check_manifest(content)
    expect_digest(folder.path, content, digest)
    manifest = parse_manifest(content)
    if signed:
        signed.check_listed(manifest)
    return manifest


def _tell_unchecked(folder: Folder, signed: Signed | None) -> None:
    """Prints notes on what was not checked; with a key, everything was that is not left out of signatures."""
    if signed:
        for name in sorted({name.partition("/")[0] for name, _ in entries(folder)} & {*NOT_SIGNED}):
            tell(f"note: {folder.path / name} is left out of signatures, and Linnet never reads it")
        return
    for file in unlisted(folder.path):
        tell(f"note: {file} is not in the manifest: it is not part of the bundle and was not checked")
    if folder.signature() is not None:
        tell(f"note: {folder.path / SIGNATURE} was not checked: give the public key of its signer with --key")


def _verify_others(signed: Signed | None, manifest: Manifest) -> Iterator[Checked]:
    """Hashes the signed files that the manifest does not list."""
    if signed:
        try:
            yield from ((record, None) for record in signed.check_others(manifest))
        except BundleError as error:
            yield FileRecord(SIGNATURE, 0, "0" * 64), str(error)


def _verify_prepared(folder: Path, manifest: Manifest, signed: Signed | None) -> Iterator[Checked]:
    """Hashes the files that ``linnet prepare`` made of the bundle, if there are any."""
    try:
        packed = packed_folder(manifest)
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
        if intact and signed and not is_trusted(file, own=True):
            tell(f"note: {file} is not used when the bundle is loaded with a key: this user did not make it")
