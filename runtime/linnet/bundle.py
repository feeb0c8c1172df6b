"""A folder on disk → verified files and typed settings."""

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from linnet.errors import BundleFormatError, BundleNotFoundError
from linnet.fields import field, flag, malformed, naming, optional_field, parse_object
from linnet.layout import COMPACT_TOKENIZER, CONFIG, GRAPH, MANIFEST, PREPROCESSING, SETTINGS, TOKENIZER
from linnet.manifest import FileRecord, check_at_load, check_format, read_manifest, records
from linnet.preprocessing import PREPROCESSORS

CLASSIFICATION, EMBEDDING = "text-classification", "feature-extraction"
TASKS = (CLASSIFICATION, EMBEDDING)
COMMANDS = {CLASSIFICATION: "linnet classify", EMBEDDING: "linnet embed"}
"""The command that runs a bundle of each task."""

POOLINGS = ("mean", "cls", "max")
"""How an embedding bundle's token vectors may become a text's: the names in `linnet.pooling`, which wants numpy."""

SHORTEST = 3
"""The least ``max_length`` that is of use: one token between the two special ones."""

OFFSET_POSITIONS = ("camembert", "roberta", "xlm-roberta")
"""Model types whose first position is ``pad_token_id + 1``."""


@dataclass(frozen=True)
class Settings:
    """What ``linnet.json`` says: what the runtime needs beyond ``config.json``.

    ``max_length`` is in tokens, special tokens included; ``quantization`` names the scheme, and
    ``equalization`` how activations were prepared for it, None where the graph is as it was exported;
    ``embedding_bits`` is what a value of the embedding table takes, and ``vocabulary`` names the pieces that
    were kept of the checkpoint's, None where all were. Where
    ``unk_token_id`` is given, the tokenizer has ids that the model has not: from the ``vocab_size`` of
    ``config.json`` on, each stands for that one. The last two are of an embedding bundle alone:
    ``pooling`` makes a text's vector of its tokens', and ``normalize`` then brings it to length 1.
    """

    task: str
    preprocessing: str
    max_length: int
    truncation_side: str
    quantization: str
    equalization: str | None = None
    embedding_bits: int = 8
    vocabulary: str | None = None
    unk_token_id: int | None = None
    pooling: str | None = None
    normalize: bool = False

    def __post_init__(self) -> None:
        _expect(SETTINGS, "task", self.task, TASKS)
        _expect(SETTINGS, "preprocessing", self.preprocessing, PREPROCESSORS)
        _expect(SETTINGS, "truncation_side", self.truncation_side, ("left", "right"))
        if self.max_length < SHORTEST:
            raise malformed(f"{SETTINGS}: expected max_length of at least {SHORTEST} tokens, found {self.max_length}")
        if self.unk_token_id is not None and self.unk_token_id < 0:
            raise malformed(f"{SETTINGS}: expected unk_token_id of at least 0, found {self.unk_token_id}")
        if self.task == EMBEDDING:
            if self.pooling is None:
                raise malformed(f"{SETTINGS}: expected pooling to be one of {', '.join(POOLINGS)}, found none")
            _expect(SETTINGS, "pooling", self.pooling, POOLINGS)
        elif self.pooling is not None or self.normalize:
            raise malformed(
                f"{SETTINGS}: expected no pooling and no normalize for the task {self.task}, found both or one"
            )

    def as_json(self) -> dict[str, Any]:
        """What ``linnet.json`` holds: the fields that the task has, and of the others none that is left open."""
        values = asdict(self)
        if self.embedding_bits == 8:
            del values["embedding_bits"]
        if self.task != EMBEDDING:
            del values["normalize"]
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were verified when it was opened.

    ``config`` and ``manifest`` are the parsed ``config.json`` and ``manifest.json``; ``labels`` are
    those of ``id2label``, in the order of the logits, and none for embeddings.
    """

    path: Path
    manifest: dict[str, Any]
    files: tuple[FileRecord, ...]
    config: dict[str, Any]
    labels: tuple[str, ...]
    settings: Settings

    @property
    def tokenizer_json(self) -> bytes:
        """The content of ``tokenizer.json``, which is read whenever it is asked for."""
        return (self.path / TOKENIZER).read_bytes()

    @property
    def compact_tokenizer(self) -> Path | None:
        """The file that stands for ``tokenizer.json``, if there is one."""
        return self._listed(COMPACT_TOKENIZER)

    @property
    def preprocessing_tables(self) -> bytes | None:
        """The content of ``preprocessing.json``, which only some presets need."""
        tables = self._listed(PREPROCESSING)
        return None if tables is None else tables.read_bytes()

    @property
    def graph(self) -> Path:
        """The INT8 ONNX graph."""
        return self.path / GRAPH

    @property
    def hidden_size(self) -> int:
        """The dimension of a token's vector, as ``config.json`` has it."""
        return hidden_size(self.config)

    def expect_task(self, task: str) -> None:
        """Holds the bundle's task against the one that is wanted.

        Raises:
            BundleFormatError: it is another one; the message names the command for it.
        """
        if self.settings.task != task:
            raise BundleFormatError(
                f"{self.path}: expected a bundle for {task}, found one for {self.settings.task}: "
                f"{COMMANDS[self.settings.task]} runs it, and linnet.load gives its class"
            )

    @contextmanager
    def named(self) -> Iterator[None]:
        """Within it, a `BundleFormatError` says of which bundle it is."""
        with naming(self.path):
            yield

    @property
    def size(self) -> int:
        """The bytes of all files that the manifest lists."""
        return sum(record.size for record in self.files)

    def _listed(self, name: str) -> Path | None:
        """A file that only some bundles have."""
        return self.path / name if any(record.path == name for record in self.files) else None


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
    with naming(folder):
        manifest = read_manifest(folder)
        check_format(manifest)
        files = records(manifest)
        for record in files:
            check_at_load(folder, record)
        config = parse_object(CONFIG, (folder / CONFIG).read_bytes())
        settings = _settings((folder / SETTINGS).read_bytes())
        _check_fit(config, settings)
        return Bundle(
            path=folder,
            manifest=manifest,
            files=files,
            config=config,
            labels=_labels(config) if settings.task == CLASSIFICATION else (),
            settings=settings,
        )


def default_bundle() -> Path:
    """The folder of the embedded default bundle, which the distribution ``linnet-default`` brings."""
    spec = importlib.util.find_spec("linnet_default")
    for location in (spec and spec.submodule_search_locations) or ():
        if (Path(location) / MANIFEST).is_file():
            return Path(location)
    raise BundleNotFoundError(
        "no bundle was named and the default one is not installed: give a bundle's folder, or install linnet-default "
        "(pip install ./artifacts, in Linnet's source)"
    )


def positions(config: Mapping[str, Any]) -> int:
    """How many tokens the position table of a ``config.json`` allows, special tokens included.

    RoBERTa and its kin begin to count at ``pad_token_id + 1``.
    """
    table = field(config, CONFIG, "max_position_embeddings", int)
    if config.get("model_type") in OFFSET_POSITIONS:
        return table - field(config, CONFIG, "pad_token_id", int) - 1
    return table


def hidden_size(config: Mapping[str, Any]) -> int:
    """The dimension of a token's vector in a ``config.json``, which DistilBERT calls ``dim``.

    Raises:
        BundleFormatError: there is none.
    """
    key = "dim" if config.get("model_type") == "distilbert" else "hidden_size"
    found = field(config, CONFIG, key, int)
    if found < 1:
        raise malformed(f"{CONFIG}: expected {key} of at least 1, found {found}")
    return found


def _check_fit(config: dict[str, Any], settings: Settings) -> None:
    if settings.max_length > positions(config):
        raise malformed(
            f"{SETTINGS}: expected max_length of at most the {positions(config)} positions of {CONFIG}, found {settings.max_length}"
        )
    vocabulary = field(config, CONFIG, "vocab_size", int)
    if settings.unk_token_id is not None and settings.unk_token_id >= vocabulary:
        raise malformed(
            f"{SETTINGS}: expected unk_token_id below the vocab_size of {vocabulary} of {CONFIG}, "
            f"found {settings.unk_token_id}"
        )
    if settings.task == EMBEDDING:
        hidden_size(config)


def _labels(config: dict[str, Any]) -> tuple[str, ...]:
    id2label = field(config, CONFIG, "id2label", dict)
    expected = [str(index) for index in range(len(id2label))]
    if not id2label or sorted(id2label) != sorted(expected):
        raise malformed(f"{CONFIG}: expected id2label to number the labels from 0, found {id2label}")
    labels = tuple(str(id2label[index]) for index in expected)
    if len(set(labels)) < len(labels):
        raise malformed(f"{CONFIG}: expected distinct labels, found {', '.join(labels)}")
    return labels


def _settings(content: bytes) -> Settings:
    values = parse_object(SETTINGS, content)
    return Settings(
        task=field(values, SETTINGS, "task", str),
        preprocessing=field(values, SETTINGS, "preprocessing", str),
        max_length=field(values, SETTINGS, "max_length", int),
        truncation_side=field(values, SETTINGS, "truncation_side", str),
        quantization=field(values, SETTINGS, "quantization", str),
        equalization=optional_field(values, SETTINGS, "equalization", str),
        embedding_bits=optional_field(values, SETTINGS, "embedding_bits", int) or 8,
        vocabulary=optional_field(values, SETTINGS, "vocabulary", str),
        unk_token_id=optional_field(values, SETTINGS, "unk_token_id", int),
        pooling=optional_field(values, SETTINGS, "pooling", str),
        normalize=flag(values, SETTINGS, "normalize"),
    )


def _expect(name: str, key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BundleFormatError(
            f"{name}: expected {key} to be one of {', '.join(known)}, found {value!r}; "
            "a newer linnet may know it: pip install --upgrade linnet"
        )
