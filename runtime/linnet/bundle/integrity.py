"""Checks a bundle's files against its manifest."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import BundleError, BundleIntegrityError
from ..fields import naming
from ..names import MANIFEST, SIGNATURE
from .folder import Folder, read_manifest
from .manifest import FileRecord, Manifest, parse_manifest


def record(folder: Path, path: str) -> FileRecord:
    """Returns the record of the file ``path`` in ``folder``: its current size and SHA-256."""
    file = folder / path
    return FileRecord(path, file.stat().st_size, sha256_of(file))


def verify(folder: Path, digest: str | None = None) -> Iterator[tuple[FileRecord, str | None]]:
    """Hashes every file of a bundle, weights included; yields each with its fault, or None if it is intact.

    Raises:
        BundleIntegrityError: the bundle's digest, the sha256 of its manifest, is not ``digest``.
    """
    with naming(folder):
        opened = Folder(folder)
        content = opened.manifest()
        expect_digest(folder, content, digest)
        listed = parse_manifest(content)
    yield from verify_listed(opened, listed)


def verify_listed(folder: Folder, manifest: Manifest) -> Iterator[tuple[FileRecord, str | None]]:
    """Hashes every file that a manifest lists; yields each with its fault, or None if it is intact."""
    for found in manifest.files:
        try:
            folder.check(found)
        except BundleError as error:
            yield found, str(error)
        else:
            yield found, None


def expect_digest(folder: Path, manifest: bytes, digest: str | None) -> None:
    """Checks the bundle's digest, which is the sha256 of its manifest; with None, any will do.

    Raises:
        BundleIntegrityError: it is another.
    """
    found = hashlib.sha256(manifest).hexdigest()
    if digest is not None and found != digest.lower():
        raise BundleIntegrityError(
            f"{folder} is another bundle, or was altered: expected the digest {digest.lower()}, the sha256 of its "
            f"{MANIFEST}, found {found}: copy the bundle again"
        )


def unlisted(folder: Path) -> list[Path]:
    """Returns the files in a bundle's folder that its manifest does not list, except the manifest and the signature."""
    with naming(folder):
        listed = {MANIFEST, SIGNATURE, *(found.path for found in read_manifest(folder, any_format=True).files)}
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
