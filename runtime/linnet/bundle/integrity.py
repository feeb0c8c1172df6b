"""Checks a bundle's files against its manifest."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import BundleIntegrityError
from ..fields import naming
from ..names import MANIFEST
from .manifest import FileRecord, read_manifest

REMEDY = "copy the bundle again, or convert the checkpoint again"
"""How to fix a file that does not match the manifest."""


def record(folder: Path, path: str) -> FileRecord:
    """Returns the record of the file ``path`` in ``folder``: its current size and SHA-256."""
    file = folder / path
    return FileRecord(path, file.stat().st_size, sha256_of(file))


def verify(folder: Path) -> Iterator[tuple[FileRecord, str | None]]:
    """Hashes every file of a bundle, weights included; yields each with its fault, or None if it is intact."""
    with naming(folder):
        listed = read_manifest(folder).files
    yield from hashed(folder, listed)


def hashed(folder: Path, listed: Iterable[FileRecord], remedy: str = REMEDY) -> Iterator[tuple[FileRecord, str | None]]:
    """Hashes files; yields each with a message about its fault and the ``remedy``, or None if it is intact."""
    for found in listed:
        try:
            _check_size(folder, found, remedy)
            _check_hash(folder, found, remedy)
        except BundleIntegrityError as error:
            yield found, str(error)
        else:
            yield found, None


def unlisted(folder: Path) -> list[Path]:
    """Returns the files in a bundle's folder that its manifest does not list, except the manifest."""
    with naming(folder):
        listed = {MANIFEST, *(found.path for found in read_manifest(folder, any_format=True).files)}
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    return sorted(path for name, path in names.items() if name not in listed)


def sha256_of(file: Path) -> str:
    """Returns the sha256 of a file, in hexadecimal."""
    return hexdigest(file, hashlib.sha256())


def hexdigest(file: Path, digest: "hashlib._Hash") -> str:
    """Adds a file's content, read in blocks, to ``digest``; returns the digest in hexadecimal."""
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def check_at_load(folder: Path, listed: FileRecord) -> None:
    """Checks a file's size against the manifest, and its sha256 unless it holds mapped weights.

    The file is read in blocks that are not kept.

    Raises:
        BundleIntegrityError: the file is missing, truncated or altered.
    """
    _check_size(folder, listed, REMEDY)
    if not listed.mapped:
        _check_hash(folder, listed, REMEDY)


def _check_size(folder: Path, listed: FileRecord, remedy: str) -> None:
    file = folder / listed.path
    if not file.is_file():
        raise BundleIntegrityError(f"{file} is missing: {remedy}")
    if (size := file.stat().st_size) != listed.size:
        raise BundleIntegrityError(f"{file}: expected {listed.size} bytes, found {size}: {remedy}")


def _check_hash(folder: Path, listed: FileRecord, remedy: str) -> None:
    found = sha256_of(folder / listed.path)
    if found != listed.sha256:
        raise BundleIntegrityError(
            f"{folder / listed.path} was altered: expected sha256 {listed.sha256}, found {found}: {remedy}"
        )
