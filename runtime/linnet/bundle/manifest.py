"""``manifest.json`` → what a bundle was made from, and its files."""

from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import BundleFormatError, BundleNotFoundError
from ..fields import field, malformed, optional_field, parse_object
from ..names import CONFIG, FORMAT_VERSION, MANIFEST, REQUIRED


@dataclass(frozen=True)
class FileRecord:
    """A manifest entry: a file's path in the bundle, its size in bytes, its sha256 in hexadecimal."""

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
        """True if the file holds weights, which are memory-mapped and not read at load."""
        return self.path.endswith(".onnx_data")


@dataclass(frozen=True)
class MadeFrom:
    """The checkpoint that a bundle was made from."""

    id: str | None
    """Its id on the hub, or the name of its folder."""
    revision: str | None
    """The commit on the hub; None for a folder."""
    recipe: str | None
    """The name of the recipe, or None."""
    files: tuple[FileRecord, ...]
    """The files that were read."""


@dataclass(frozen=True)
class Manifest:
    """The content of ``manifest.json``."""

    source: MadeFrom
    """The checkpoint."""
    licence: str | None
    """The checkpoint's licence; None if it states none."""
    accepted_licence: str | None
    """The concern about the licence that the user accepted for the conversion, or None."""
    files: tuple[FileRecord, ...]
    """Every file of the bundle except the manifest."""
    format_version: int = FORMAT_VERSION
    """The version of the bundle's format."""

    def as_json(self) -> dict[str, Any]:
        """Returns the content of ``manifest.json``."""
        values = asdict(self)
        return {"format_version": values.pop("format_version"), **values}


def read_manifest(folder: Path, *, any_format: bool = False) -> Manifest:
    """Reads the manifest of a bundle.

    Args:
        folder: the bundle's folder.
        any_format: True to read bundles of older and newer formats too, as far as possible.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleFormatError: the bundle has another format, or its manifest is invalid.
    """
    values = parse_object(MANIFEST, _content(folder))
    version = field(values, MANIFEST, "format_version", int)
    if version < 1:
        raise malformed(f"{MANIFEST}: expected a format_version of at least 1, found {version}")
    if version != FORMAT_VERSION and not any_format:
        remedy = (
            "pip install --upgrade linnet"
            if version > FORMAT_VERSION
            else "convert the checkpoint again, or install linnet-default again"
        )
        raise BundleFormatError(
            f"this linnet reads bundles of format {FORMAT_VERSION}, found format {version}: {remedy}"
        )
    source = field(values, MANIFEST, "source", dict)
    files = _records(values)
    if missing := set(REQUIRED) - {record.path for record in files}:
        raise malformed(f"{MANIFEST} lists no {', '.join(sorted(missing))}")
    return Manifest(
        format_version=version,
        source=MadeFrom(
            id=optional_field(source, MANIFEST, "id", str),
            revision=optional_field(source, MANIFEST, "revision", str),
            recipe=optional_field(source, MANIFEST, "recipe", str),
            files=_records(source) if "files" in source else (),
        ),
        licence=optional_field(values, MANIFEST, "licence", str),
        accepted_licence=optional_field(values, MANIFEST, "accepted_licence", str),
        files=files,
    )


def record_of(entry: Any) -> FileRecord:
    """Returns the record in one entry of a list of files."""
    if not isinstance(entry, dict):
        raise malformed(f"{MANIFEST}: expected an object for every file, found {entry!r}")
    return FileRecord(
        path=field(entry, MANIFEST, "path", str),
        size=field(entry, MANIFEST, "size", int),
        sha256=field(entry, MANIFEST, "sha256", str),
    )


def _records(values: dict[str, Any]) -> tuple[FileRecord, ...]:
    return tuple(record_of(entry) for entry in field(values, MANIFEST, "files", list))


def _content(folder: Path) -> bytes:
    if not folder.is_dir():
        found = "a file" if folder.exists() else "nothing"
        raise BundleNotFoundError(
            f"expected a bundle's folder at {folder}, found {found}; to convert a checkpoint (a folder or a hub id): "
            "linnet-export convert CHECKPOINT --output DIR"
        )
    try:
        return (folder / MANIFEST).read_bytes()
    except OSError:
        remedy = (
            f"to convert a checkpoint: linnet-export convert {folder} --output DIR"
            if (folder / CONFIG).is_file()
            else "name the folder that linnet-export convert wrote"
        )
        raise BundleNotFoundError(f"no bundle in {folder}: it has no {MANIFEST}; {remedy}") from None
