"""A folder on disk → verified files and typed settings."""

import hashlib
import importlib.util
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from linnet.errors import BundleFormatError, BundleIntegrityError, BundleNotFoundError
from linnet.preprocessing import PREPROCESSORS

FORMAT_VERSION = 1
"""The newest bundle format that this version reads, and the one that it writes."""

MANIFEST = "manifest.json"
CONFIG = "config.json"
SETTINGS = "linnet.json"
TOKENIZER = "tokenizer.json"
PARITY = "parity.json"
GRAPH = "onnx/model_quantized.onnx"
WEIGHTS = "onnx/model_quantized.onnx_data"

TASKS = ("text-classification",)

SHORTEST = 3
"""The least ``max_length`` that is of use: one token between the two special ones."""

OFFSET_POSITIONS = ("camembert", "roberta", "xlm-roberta")
"""Model types whose first position is ``pad_token_id + 1``."""

_MAPPED_SUFFIX = ".onnx_data"
_KINDS: dict[type, str] = {int: "a whole number", str: "a string", list: "a list", dict: "an object"}
_T = TypeVar("_T")


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
        return self.path.endswith(_MAPPED_SUFFIX)

    @classmethod
    def of(cls, folder: Path, path: str) -> "FileRecord":
        """The record of the file ``path`` as it now is in ``folder``."""
        file = folder / path
        return cls(path, file.stat().st_size, sha256_of(file))


@dataclass(frozen=True)
class Settings:
    """What ``linnet.json`` says: what the runtime needs beyond ``config.json``.

    ``max_length`` is in tokens, special tokens included; ``quantization`` names the scheme.
    """

    task: str
    preprocessing: str
    max_length: int
    truncation_side: str
    pad_token_id: int
    quantization: str

    def __post_init__(self) -> None:
        _expect(SETTINGS, "task", self.task, TASKS)
        _expect(SETTINGS, "preprocessing", self.preprocessing, tuple(PREPROCESSORS))
        _expect(SETTINGS, "truncation_side", self.truncation_side, ("left", "right"))
        if self.max_length < SHORTEST:
            raise BundleFormatError(
                f"{SETTINGS}: expected max_length of at least {SHORTEST} tokens, found {self.max_length}"
            )
        if self.pad_token_id < 0:
            raise BundleFormatError(f"{SETTINGS}: expected pad_token_id of at least 0, found {self.pad_token_id}")


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were verified when it was opened.

    ``config`` and ``manifest`` are the parsed ``config.json`` and ``manifest.json``; ``labels`` are
    those of ``id2label``, in the order of the logits.
    """

    path: Path
    manifest: dict[str, Any]
    files: tuple[FileRecord, ...]
    config: dict[str, Any]
    labels: tuple[str, ...]
    settings: Settings
    tokenizer_json: bytes

    @property
    def graph(self) -> Path:
        """The INT8 ONNX graph."""
        return self.path / GRAPH

    @contextmanager
    def named(self) -> Iterator[None]:
        """Within it, a `BundleFormatError` says of which bundle it is, and what to do."""
        with _named(self.path):
            yield

    @property
    def size(self) -> int:
        """The bytes of all files that the manifest lists."""
        return sum(record.size for record in self.files)


def open_bundle(path: str | Path | None = None) -> Bundle:
    """Opens the bundle in the folder ``path``, or the embedded default, and verifies it.

    Every file is held against its sha256 in the manifest, except the memory-mapped weights, of
    which only the size is.

    Raises:
        BundleNotFoundError: there is no bundle there.
        BundleIntegrityError: a file is missing, truncated or altered.
        BundleFormatError: a later format, or settings that make no sense.
    """
    folder = default_bundle() if path is None else Path(path)
    with _named(folder):
        manifest = read_manifest(folder)
        files = _records(manifest)
        contents = {record.path: _verified(folder, record) for record in files}
        config, settings = _object(CONFIG, contents[CONFIG]), _settings(contents[SETTINGS])
        _check_fit(config, settings)
        return Bundle(
            path=folder,
            manifest=manifest,
            files=files,
            config=config,
            labels=_labels(config),
            settings=settings,
            tokenizer_json=contents[TOKENIZER],
        )


def verify(folder: Path) -> Iterator[tuple[FileRecord, str | None]]:
    """Hashes every file of a bundle, weights too: each file with what is wrong with it, or None."""
    with _named(folder):
        records = _records(read_manifest(folder))
    for record in records:
        try:
            _check_size(folder, record)
            _check_hash(folder, record, sha256_of(folder / record.path))
        except BundleIntegrityError as error:
            yield record, str(error)
        else:
            yield record, None


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Says of which bundle it is that something makes no sense."""
    try:
        yield
    except BundleFormatError as error:
        raise BundleFormatError(f"{folder}: {error}; convert the checkpoint again, or copy the bundle again") from None


def default_bundle() -> Path:
    """The folder of the embedded default bundle, which the distribution ``linnet-default`` brings."""
    spec = importlib.util.find_spec("linnet_default")
    for location in (spec and spec.submodule_search_locations) or ():
        if (Path(location) / MANIFEST).is_file():
            return Path(location)
    raise BundleNotFoundError(
        "no bundle was named and the default one is not installed: pip install linnet-default, or give a bundle's folder"
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The parsed manifest of a bundle of a format that this version reads."""
    if not folder.is_dir():
        found = "a file" if folder.exists() else "nothing"
        raise BundleNotFoundError(f"expected a bundle's folder at {folder}, found {found}")
    try:
        manifest = _object(MANIFEST, (folder / MANIFEST).read_bytes())
    except OSError:
        remedy = (
            f"a checkpoint is converted first: linnet-export convert {folder} --output DIR"
            if (folder / CONFIG).is_file()
            else "name the folder that linnet-export convert wrote"
        )
        raise BundleNotFoundError(f"no bundle in {folder}: it has no {MANIFEST}; {remedy}") from None
    version = _get(manifest, MANIFEST, "format_version", int)
    if version < 1:
        raise BundleFormatError(f"{MANIFEST}: expected a format_version of at least 1, found {version}")
    if version > FORMAT_VERSION:
        raise BundleFormatError(
            f"this linnet reads bundles up to format {FORMAT_VERSION}, and this one has format {version}: "
            "pip install --upgrade linnet"
        )
    return manifest


def sha256_of(file: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _records(manifest: dict[str, Any]) -> tuple[FileRecord, ...]:
    _get(manifest, MANIFEST, "source", dict)
    records = tuple(_record(entry) for entry in _get(manifest, MANIFEST, "files", list))
    if missing := {CONFIG, SETTINGS, TOKENIZER, GRAPH, WEIGHTS} - {record.path for record in records}:
        raise BundleFormatError(f"{MANIFEST} lists no {', '.join(sorted(missing))}")
    return records


def _record(entry: Any) -> FileRecord:
    if not isinstance(entry, dict):
        raise BundleFormatError(f"{MANIFEST}: expected every file to be an object, found {entry!r}")
    return FileRecord(
        path=_get(entry, MANIFEST, "path", str),
        size=_get(entry, MANIFEST, "size", int),
        sha256=_get(entry, MANIFEST, "sha256", str),
    )


def _verified(folder: Path, record: FileRecord) -> bytes:
    """The content of a file once it proved to be what the manifest says; of mapped weights, nothing."""
    _check_size(folder, record)
    if record.mapped:
        return b""
    content = (folder / record.path).read_bytes()
    _check_hash(folder, record, hashlib.sha256(content).hexdigest())
    return content


def _check_size(folder: Path, record: FileRecord) -> None:
    file = folder / record.path
    if not file.is_file():
        raise BundleIntegrityError(f"{file} is missing: copy the bundle again, or convert the checkpoint again")
    if (size := file.stat().st_size) != record.size:
        raise BundleIntegrityError(
            f"{file}: expected {record.size} bytes, found {size}: copy the bundle again, or convert the checkpoint again"
        )


def _check_hash(folder: Path, record: FileRecord, found: str) -> None:
    if found != record.sha256:
        raise BundleIntegrityError(
            f"{folder / record.path} was altered: expected sha256 {record.sha256}, found {found}: "
            "copy the bundle again, or convert the checkpoint again"
        )


def positions(config: Mapping[str, Any]) -> int:
    """How many tokens the position table of a ``config.json`` allows, special tokens included.

    RoBERTa and its kin begin to count at ``pad_token_id + 1``.
    """
    table = _get(config, CONFIG, "max_position_embeddings", int)
    if config.get("model_type") in OFFSET_POSITIONS:
        return table - _get(config, CONFIG, "pad_token_id", int) - 1
    return table


def _check_fit(config: dict[str, Any], settings: Settings) -> None:
    if settings.max_length > positions(config):
        raise BundleFormatError(
            f"{SETTINGS}: expected max_length of at most the {positions(config)} positions of {CONFIG}, found {settings.max_length}"
        )
    vocabulary = _get(config, CONFIG, "vocab_size", int)
    if settings.pad_token_id >= vocabulary:
        raise BundleFormatError(
            f"{SETTINGS}: expected pad_token_id below the vocab_size of {vocabulary} of {CONFIG}, found {settings.pad_token_id}"
        )


def _labels(config: dict[str, Any]) -> tuple[str, ...]:
    id2label = _get(config, CONFIG, "id2label", dict)
    expected = [str(index) for index in range(len(id2label))]
    if not id2label or sorted(id2label) != sorted(expected):
        raise BundleFormatError(f"{CONFIG}: expected id2label to number the labels from 0, found {id2label}")
    labels = tuple(str(id2label[index]) for index in expected)
    if len(set(labels)) < len(labels):
        raise BundleFormatError(f"{CONFIG}: expected distinct labels, found {', '.join(labels)}")
    return labels


def _settings(content: bytes) -> Settings:
    values = _object(SETTINGS, content)
    return Settings(
        task=_get(values, SETTINGS, "task", str),
        preprocessing=_get(values, SETTINGS, "preprocessing", str),
        max_length=_get(values, SETTINGS, "max_length", int),
        truncation_side=_get(values, SETTINGS, "truncation_side", str),
        pad_token_id=_get(values, SETTINGS, "pad_token_id", int),
        quantization=_get(values, SETTINGS, "quantization", str),
    )


def _object(name: str, content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BundleFormatError(f"{name}: expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise BundleFormatError(f"{name}: expected a JSON object, found {type(value).__name__}")
    return value


def _get(values: Mapping[str, Any], name: str, key: str, kind: type[_T]) -> _T:
    value = values.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BundleFormatError(f"{name}: expected {key} to be {_KINDS[kind]}, found {value!r}")
    return value


def _expect(name: str, key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BundleFormatError(
            f"{name}: expected {key} to be one of {', '.join(known)}, found {value!r}; "
            "a newer linnet may know it: pip install --upgrade linnet"
        )
