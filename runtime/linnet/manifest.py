"""The manifest of a bundle, and its files held against it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from linnet.errors import BundleFormatError, BundleIntegrityError, BundleNotFoundError
from linnet.fields import field, malformed, naming, parse_object
from linnet.layout import CONFIG, FORMAT_VERSION, MANIFEST, REQUIRED

REMEDY = "copy the bundle again, or convert the checkpoint again"
"""What mends a file that is not as the manifest says."""


@dataclass(frozen=True)
class FileRecord:
    """A line of the manifest: a file's path in the bundle, its size in bytes, its sha256."""

    path: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        path = PurePosixPath(self.path)
        if path.is_absolute() or ".." in path.parts or "\\" in self.path or ":" in self.path or not path.parts:
            raise BundleFormatError(
                f"{MANIFEST} names {self.path!r}: expected a path inside the bundle; do not use this bundle"
            )

    @property
    def mapped(self) -> bool:
        """Whether the file holds weights, which are memory-mapped and not read through at load."""
        return self.path.endswith(".onnx_data")

    @classmethod
    def of(cls, folder: Path, path: str) -> "FileRecord":
        """The record of the file ``path`` as it now is in ``folder``."""
        file = folder / path
        return cls(path, file.stat().st_size, sha256_of(file))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The parsed manifest of a bundle, of whatever format."""
    if not folder.is_dir():
        found = "a file" if folder.exists() else "nothing"
        raise BundleNotFoundError(
            f"expected a bundle's folder at {folder}, found {found}; a checkpoint, of a folder or of the hub, is converted "
            "first: linnet-export convert CHECKPOINT --output DIR"
        )
    try:
        manifest = parse_object(MANIFEST, (folder / MANIFEST).read_bytes())
    except OSError:
        remedy = (
            f"a checkpoint is converted first: linnet-export convert {folder} --output DIR"
            if (folder / CONFIG).is_file()
            else "name the folder that linnet-export convert wrote"
        )
        raise BundleNotFoundError(f"no bundle in {folder}: it has no {MANIFEST}; {remedy}") from None
    version = field(manifest, MANIFEST, "format_version", int)
    if version < 1:
        raise malformed(f"{MANIFEST}: expected a format_version of at least 1, found {version}")
    return manifest


def check_format(manifest: dict[str, Any]) -> None:
    """Makes sure that this version reads the bundle's format.

    Raises:
        BundleFormatError: it does not; the message says which side is too old.
    """
    version = manifest["format_version"]
    if version != FORMAT_VERSION:
        remedy = "pip install --upgrade linnet" if version > FORMAT_VERSION else "convert the checkpoint again"
        raise BundleFormatError(
            f"this linnet reads bundles of format {FORMAT_VERSION}, found format {version}: {remedy}"
        )


def verify(folder: Path) -> Iterator[tuple[FileRecord, str | None]]:
    """Hashes every file of a bundle, weights too: each file with what is wrong with it, or None."""
    with naming(folder):
        manifest = read_manifest(folder)
        check_format(manifest)
        listed = records(manifest)
    yield from hashed(folder, listed)


def hashed(folder: Path, listed: Iterable[FileRecord], remedy: str = REMEDY) -> Iterator[tuple[FileRecord, str | None]]:
    """Each of the files with what is wrong with it, and its ``remedy``, or None."""
    for record in listed:
        try:
            _check_size(folder, record, remedy)
            _check_hash(folder, record, remedy)
        except BundleIntegrityError as error:
            yield record, str(error)
        else:
            yield record, None


def unlisted(folder: Path) -> list[Path]:
    """The files in a bundle's folder that its manifest does not list, but for itself."""
    with naming(folder):
        listed = {MANIFEST, *(record.path for record in records(read_manifest(folder)))}
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    return sorted(path for name, path in names.items() if name not in listed)


def sha256_of(file: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    return hexdigest(file, hashlib.sha256())


def hexdigest(file: Path, digest: "hashlib._Hash") -> str:
    """What a hash that was begun becomes with a file's content, in hexadecimal; the file is read in pieces."""
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def records(manifest: dict[str, Any]) -> tuple[FileRecord, ...]:
    """The files that a manifest lists, the required ones among them."""
    field(manifest, MANIFEST, "source", dict)
    listed = tuple(record_of(entry) for entry in field(manifest, MANIFEST, "files", list))
    if missing := set(REQUIRED) - {record.path for record in listed}:
        raise malformed(f"{MANIFEST} lists no {', '.join(sorted(missing))}")
    return listed


def record_of(entry: Any) -> FileRecord:
    """What one entry of a list of files says."""
    if not isinstance(entry, dict):
        raise malformed(f"{MANIFEST}: expected every file to be an object, found {entry!r}")
    return FileRecord(
        path=field(entry, MANIFEST, "path", str),
        size=field(entry, MANIFEST, "size", int),
        sha256=field(entry, MANIFEST, "sha256", str),
    )


def check_at_load(folder: Path, record: FileRecord) -> None:
    """Holds a file against the manifest: its size, and its sha256 too unless it holds mapped weights.

    It is read in pieces, none of which is kept.
    """
    _check_size(folder, record, REMEDY)
    if not record.mapped:
        _check_hash(folder, record, REMEDY)


def _check_size(folder: Path, record: FileRecord, remedy: str) -> None:
    file = folder / record.path
    if not file.is_file():
        raise BundleIntegrityError(f"{file} is missing: {remedy}")
    if (size := file.stat().st_size) != record.size:
        raise BundleIntegrityError(f"{file}: expected {record.size} bytes, found {size}: {remedy}")


def _check_hash(folder: Path, record: FileRecord, remedy: str) -> None:
    found = sha256_of(folder / record.path)
    if found != record.sha256:
        raise BundleIntegrityError(
            f"{folder / record.path} was altered: expected sha256 {record.sha256}, found {found}: {remedy}"
        )
