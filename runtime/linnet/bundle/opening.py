"""A bundle's folder → verified files and typed settings."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BundleFormatError, BundleNotFoundError
from ..fields import naming, parse_object
from ..names import COMPACT_TOKENIZER, CONFIG, GRAPH, MANIFEST, PREPROCESSING, SETTINGS, TOKENIZER
from ..tasks import TASKS
from .config import check_fit, hidden_size, labels_of
from .integrity import check_at_load
from .manifest import Manifest, read_manifest
from .settings import Settings, read_settings


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were verified when it was opened."""

    path: Path
    """The bundle's folder."""
    manifest: Manifest
    """The content of ``manifest.json``."""
    config: dict[str, Any]
    """The parsed ``config.json``."""
    labels: tuple[str, ...]
    """The labels in ``id2label``, in the order of the logits; empty for embeddings."""
    settings: Settings
    """The content of ``linnet.json``."""

    @property
    def tokenizer_json(self) -> bytes:
        """The content of ``tokenizer.json``, read on each access."""
        return (self.path / TOKENIZER).read_bytes()

    @property
    def compact_tokenizer(self) -> Path | None:
        """The compact file that replaces ``tokenizer.json``, or None."""
        return self._listed(COMPACT_TOKENIZER)

    @property
    def preprocessing_tables(self) -> bytes | None:
        """The content of ``preprocessing.json``, or None; only some presets need it."""
        tables = self._listed(PREPROCESSING)
        return None if tables is None else tables.read_bytes()

    @property
    def graph(self) -> Path:
        """The path of the INT8 ONNX graph."""
        return self.path / GRAPH

    @property
    def hidden_size(self) -> int:
        """The dimension of a token's vector, from ``config.json``."""
        return hidden_size(self.config)

    def expect_task(self, task: str) -> None:
        """Checks that the bundle has this task.

        Raises:
            BundleFormatError: it has another; the message names the command for that task.
        """
        if self.settings.task != task:
            raise BundleFormatError(
                f"{self.path}: expected a bundle for {task}, found one for {self.settings.task}: "
                f"{TASKS[self.settings.task].command} runs it, and linnet.load returns the right class"
            )

    @contextmanager
    def named(self) -> Iterator[None]:
        """Adds the bundle's folder to the message of any `BundleFormatError` raised in the ``with`` block."""
        with naming(self.path):
            yield

    @property
    def size(self) -> int:
        """The total size in bytes of the files that the manifest lists."""
        return sum(record.size for record in self.manifest.files)

    def _listed(self, name: str) -> Path | None:
        """Returns the path of an optional file, or None if the manifest does not list it."""
        return self.path / name if any(record.path == name for record in self.manifest.files) else None


def open_bundle(path: str | Path | None = None) -> Bundle:
    """Opens and verifies the bundle in the folder ``path``, or the embedded default.

    Checks the sha256 of every file against the manifest, but only the size of the memory-mapped weights.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleIntegrityError: a file is missing, truncated or altered.
        BundleFormatError: the bundle's format is not supported, or its settings are invalid.
    """
    folder = default_bundle() if path is None else Path(path)
    with naming(folder):
        manifest = read_manifest(folder)
        for record in manifest.files:
            check_at_load(folder, record)
        config = parse_object(CONFIG, (folder / CONFIG).read_bytes())
        settings = read_settings((folder / SETTINGS).read_bytes())
        check_fit(config, settings)
        return Bundle(
            path=folder,
            manifest=manifest,
            config=config,
            labels=() if TASKS[settings.task].vectors else labels_of(config),
            settings=settings,
        )


def default_bundle() -> Path:
    """Returns the folder of the default bundle, which the distribution ``linnet-default`` installs."""
    spec = importlib.util.find_spec("linnet_default")
    for location in (spec and spec.submodule_search_locations) or ():
        if (Path(location) / MANIFEST).is_file():
            return Path(location)
    raise BundleNotFoundError(
        "no bundle was given, and the default bundle is not installed: give a bundle's folder, or install linnet-default "
        "(pip install ./artifacts, in Linnet's source)"
    )
