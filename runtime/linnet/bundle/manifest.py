"""``manifest.json`` → what a bundle was made from, and its files."""

import re
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from ..errors import BundleFormatError
from ..fields import field, line, malformed, optional_field, optional_line, parse_object, shown
from ..installation import INSTALL_DEFAULT, UPDATE
from ..names import FORMAT_VERSION, MANIFEST, REQUIRED
from .limits import LONGEST_NAME, check_listed

SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class FileRecord:
    """A manifest entry: a file's path in the bundle, its size in bytes, its sha256 in hexadecimal."""

    path: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if not is_inside(self.path):
            raise BundleFormatError(
                f"{MANIFEST} names {shown(self.path)}: expected a path inside the bundle, in its shortest form, of "
                f"printable characters and at most {LONGEST_NAME} bytes; do not use this bundle"
            )

    @property
    def mapped(self) -> bool:
        """True if the file holds weights, which are memory-mapped and not read at load."""
        return self.path.endswith(".onnx_data")


def is_inside(name: str) -> bool:
    """Returns whether a path is inside a bundle, in its shortest form, of printable characters, and not too long."""
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.parts
    return not outside and str(path) == name and name.isprintable() and len(name.encode()) <= LONGEST_NAME


@dataclass(frozen=True)
class Figure:
    """A published measurement of a checkpoint: ``what`` names the metric and, after a comma, the texts."""

    what: str
    value: float
    source: str
    """Where it was published."""


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
    published: tuple[Figure, ...] = ()
    """Published measurements of the checkpoint."""
    parent: str | None = None
    """The digest of the bundle that this one was derived from; None if it was converted from the checkpoint."""
    format_version: int = FORMAT_VERSION
    """The version of the bundle's format."""

    def __getitem__(self, name: str) -> FileRecord:
        """Returns the record of a file that every manifest lists."""
        found = self.find(name)
        assert found, name
        return found

    def find(self, name: str) -> FileRecord | None:
        """Returns the record of a file, or None if the manifest does not list it."""
        return next((record for record in self.files if record.path == name), None)

    def as_json(self) -> dict[str, Any]:
        """Returns the content of ``manifest.json``, without published figures and a parent if there are none."""
        values = asdict(self)
        for name in ("published", "parent"):
            if not values[name]:
                del values[name]
        return {"format_version": values.pop("format_version"), **values}


def parse_manifest(content: bytes, *, any_format: bool = False) -> Manifest:
    """Reads the content of ``manifest.json``.

    Args:
        content: the content of the file.
        any_format: True to read bundles of older and newer formats too, as far as possible.

    Raises:
        BundleFormatError: the bundle has another format, or its manifest is invalid.
    """
    values = parse_object(MANIFEST, content)
    version = _version(values, any_format)
    source = field(values, MANIFEST, "source", dict)
    files = _records(values)
    check_listed(files)
    if missing := set(REQUIRED) - {record.path for record in files}:
        raise malformed(f"{MANIFEST} lists no {', '.join(sorted(missing))}")
    return Manifest(
        format_version=version,
        source=MadeFrom(
            id=optional_line(source, MANIFEST, "id"),
            revision=optional_line(source, MANIFEST, "revision"),
            recipe=optional_line(source, MANIFEST, "recipe"),
            files=_records(source) if "files" in source else (),
        ),
        licence=optional_line(values, MANIFEST, "licence"),
        accepted_licence=optional_line(values, MANIFEST, "accepted_licence"),
        files=files,
        published=tuple(map(_figure, optional_field(values, MANIFEST, "published", list) or ())),
        parent=_parent(values),
    )


def _parent(values: dict[str, Any]) -> str | None:
    parent = optional_field(values, MANIFEST, "parent", str)
    if parent is not None and not SHA256.fullmatch(parent):
        raise malformed(f"{MANIFEST}: expected parent to be 64 hexadecimal digits, found {shown(parent)}")
    return parent


def record_of(entry: Any) -> FileRecord:
    """Returns the record in one entry of a list of files."""
    if not isinstance(entry, dict):
        raise malformed(f"{MANIFEST}: expected an object for every file, found {shown(entry)}")
    sha256 = field(entry, MANIFEST, "sha256", str)
    if not SHA256.fullmatch(sha256):
        raise malformed(f"{MANIFEST}: expected sha256 to be 64 hexadecimal digits, found {shown(sha256)}")
    return FileRecord(field(entry, MANIFEST, "path", str), field(entry, MANIFEST, "size", int), sha256)


def _version(values: dict[str, Any], any_format: bool) -> int:
    version = field(values, MANIFEST, "format_version", int)
    if version < 1:
        raise malformed(f"{MANIFEST}: expected a format_version of at least 1, found {version}")
    if version != FORMAT_VERSION and not any_format:
        remedy = (
            UPDATE
            if version > FORMAT_VERSION
            else f"convert the checkpoint again; for the embedded default, {INSTALL_DEFAULT}"
        )
        raise BundleFormatError(
            f"this linnet reads bundles of format {FORMAT_VERSION}, found format {version}: {remedy}"
        )
    return version


def _figure(entry: Any) -> Figure:
    if not isinstance(entry, dict):
        raise malformed(f"{MANIFEST}: expected an object for every published figure, found {shown(entry)}")
    return Figure(
        what=line(entry, MANIFEST, "what"),
        value=field(entry, MANIFEST, "value", float),
        source=line(entry, MANIFEST, "source"),
    )


def _records(values: dict[str, Any]) -> tuple[FileRecord, ...]:
    return tuple(record_of(entry) for entry in field(values, MANIFEST, "files", list))
