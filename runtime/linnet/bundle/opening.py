"""A bundle's folder → verified files and typed settings."""

import hashlib
import importlib.util
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BundleFormatError, BundleNotFoundError, InputError
from ..fields import naming, parse_object
from ..installation import INSTALL_DEFAULT, PACKAGE
from ..names import COMPACT_TOKENIZER, CONFIG, GRAPH, INTERNALS, MANIFEST, PREPROCESSING, SETTINGS, TOKENIZER, WEIGHTS
from ..tasks import TASKS
from .calibration import check_labels
from .config import check_fit, hidden_size, labels_of
from .demands import Demands
from .folder import Folder
from .manifest import Manifest, parse_manifest
from .settings import Settings, read_settings

_NONE = Demands()


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were verified when it was opened.

    What it gives later is what was verified, whatever the folder's path stands for then. Weights are the
    exception in one way: they are mapped, so a program that writes into the same file changes them.
    """

    path: Path
    """The bundle's folder, as it was given."""
    digest: str
    """The sha256 of ``manifest.json``, in hexadecimal. It covers all files, because the manifest has their sha256."""
    manifest: Manifest
    """The content of ``manifest.json``."""
    config: dict[str, Any]
    """The parsed ``config.json``."""
    labels: tuple[str, ...]
    """The labels in ``id2label``, in the order of the logits; empty for embeddings."""
    settings: Settings
    """The content of ``linnet.json``."""
    folder: Folder = field(repr=False, compare=False)
    """The opened folder."""
    weights: mmap.mmap = field(repr=False, compare=False)
    """The mapped file of the graph's weights."""
    compact_tokenizer: mmap.mmap | None = field(repr=False, compare=False)
    """The mapped compact file that replaces ``tokenizer.json``, or None."""
    demands: Demands = field(default=_NONE, repr=False, compare=False)
    """What the caller demanded, and the bundle met."""
    signed_by: str | None = field(default=None, repr=False, compare=False)
    """The fingerprint of the given key that signed the bundle, in hexadecimal; None if none was given."""

    @property
    def tokenizer_json(self) -> bytes:
        """The content of ``tokenizer.json``, read and verified on each access."""
        return self._content(TOKENIZER)

    @property
    def preprocessing_tables(self) -> bytes | None:
        """The content of ``preprocessing.json``, or None; only some presets need it."""
        return self._content(PREPROCESSING) if self.manifest.find(PREPROCESSING) else None

    @property
    def graph(self) -> Path:
        """The path of the INT8 ONNX graph."""
        return self.path / GRAPH

    @property
    def model(self) -> bytes:
        """The content of the INT8 ONNX graph, read and verified on each access; its weights are in ``weights``."""
        return self._content(GRAPH)

    @property
    def internals_model(self) -> bytes:
        """The content of the ONNX graph of hidden states and attentions, read and verified on each access.

        Raises:
            InputError: the bundle has no such graph.
        """
        if not self.manifest.find(INTERNALS):
            raise InputError(
                f"{self.path}: expected a bundle with a graph of its hidden states and attentions, found none: "
                "convert the checkpoint again: linnet-export convert CHECKPOINT --output DIR --internals"
            )
        return self._content(INTERNALS)

    def check_weights(self) -> None:
        """Checks the content of the weights, of which only the size was checked before.

        Raises:
            BundleIntegrityError: they were altered.
        """
        self.folder.expect(self.manifest[WEIGHTS], hashlib.sha256(self.weights).hexdigest())

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
                f"{TASKS[self.settings.task].command} runs it, and {PACKAGE}.{TASKS[self.settings.task].loader} loads it"
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

    def _content(self, name: str) -> bytes:
        return self.folder.content(self.manifest[name])


def open_bundle(path: str | Path | None = None) -> Bundle:
    """Opens and verifies the bundle in the folder ``path``, or the embedded default.

    Checks the sha256 of every file against the manifest, but only the size of the memory-mapped weights.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleIntegrityError: a file is missing, truncated or altered.
        BundleFormatError: the bundle's format is not supported, or its settings are invalid.
    """
    place = default_bundle() if path is None else Path(path)
    with naming(place):
        folder = Folder(place)
        content = folder.manifest()
        return bundle_in(folder, content, parse_manifest(content))


def bundle_in(
    folder: Folder, content: bytes, manifest: Manifest, demands: Demands = _NONE, signed_by: str | None = None
) -> Bundle:
    """Returns the bundle in an opened folder, whose manifest has this ``content``; verifies its files.

    With any ``demands``, this hashes the weights too. It checks neither the key nor the digest in them:
    `linnet.trust.opening` does. Raises what `open_bundle` raises.
    """
    compact, weights = manifest.find(COMPACT_TOKENIZER), manifest[WEIGHTS]
    for record in manifest.files:
        if record not in (compact, weights):
            folder.check(record, hashed=demands.strict or not record.mapped)
    config = parse_object(CONFIG, folder.content(manifest[CONFIG]))
    settings = read_settings(folder.content(manifest[SETTINGS]))
    check_fit(config, settings)
    labels = () if TASKS[settings.task].vectors else labels_of(config)
    check_labels(settings.calibration, labels)
    return Bundle(
        path=folder.path,
        digest=hashlib.sha256(content).hexdigest(),
        manifest=manifest,
        config=config,
        labels=labels,
        settings=settings,
        folder=folder,
        weights=folder.mapped(weights, hashed=demands.strict, once=demands.once),
        compact_tokenizer=folder.mapped(compact, hashed=True) if compact else None,
        demands=demands,
        signed_by=signed_by,
    )


def default_bundle() -> Path:
    """Returns the folder of the default bundle: ``linnet_default`` in this package, beside it, or where Python finds it.

    Programs that vendor or freeze this package carry the bundle in it or beside it; ``linnet-default`` installs it.
    """
    for location in _default_locations():
        if (location / MANIFEST).is_file():
            return location
    raise BundleNotFoundError(
        "no bundle was given, and the default bundle is not installed: give a bundle's folder, or install linnet-default "
        f"({INSTALL_DEFAULT})"
    )


def _default_locations() -> Iterator[Path]:
    for folder in Path(__file__).parents[1:3]:
        yield folder / "linnet_default"
    spec = importlib.util.find_spec("linnet_default")
    yield from map(Path, (spec and spec.submodule_search_locations) or ())
