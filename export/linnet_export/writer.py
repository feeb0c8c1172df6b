"""Assembles a bundle: the files beside the graph, and the manifest that lists them all."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from linnet.bundle import Settings
from linnet.layout import CONFIG, FORMAT_VERSION, GRAPH, MANIFEST, SETTINGS, TOKENIZER
from linnet.manifest import FileRecord

from linnet_export.card import stated_licence
from linnet_export.checkpoint import Checkpoint
from linnet_export.tokenizer_json import save_exactly

_TOKENIZER_FILES = ("tokenizer_config.json", "special_tokens_map.json")
_SOURCE_FILES = (
    *(CONFIG, "README.md", TOKENIZER, *_TOKENIZER_FILES, "added_tokens.json"),
    *("vocab.json", "merges.txt", "vocab.txt", "sentencepiece.bpe.model"),
)
_LICENCE_FILES = ("license", "licence", "notice", "copying")


def write_config(checkpoint: Checkpoint, bundle: Path) -> None:
    """The checkpoint's ``config.json``, its labels spelt out, with what transformers.js needs to load the weights."""
    config = json.loads((checkpoint.path / CONFIG).read_bytes())
    config.pop("_name_or_path", None)
    for key in ("max_position_embeddings", "model_type", "pad_token_id", "vocab_size"):
        config.setdefault(key, getattr(checkpoint.config, key))  # the class's default, spelt out
    labels = checkpoint.head.labels
    config["id2label"] = {str(index): label for index, label in enumerate(labels)}
    config["label2id"] = {label: index for index, label in enumerate(labels)}
    config["transformers.js_config"] = {"use_external_data_format": {Path(GRAPH).name: True}}
    write_json(bundle / CONFIG, config)


def write_tokenizer(checkpoint: Checkpoint, bundle: Path, scratch: Path) -> None:
    """``tokenizer.json`` without padding or truncation, and what `AutoTokenizer` reads beside it."""
    # Not a copy: that goes through JSON, and a Unigram model's scores do not survive it (tokenizer_json).
    tokenizer = checkpoint.tokenizer
    tokenizer.model_max_length = checkpoint.max_length
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.save_pretrained(scratch)
    for name in _TOKENIZER_FILES:
        shutil.copyfile(scratch / name, bundle / name)
    save_exactly(tokenizer.backend_tokenizer, bundle / TOKENIZER)


def write_licences(checkpoint: Checkpoint, bundle: Path) -> None:
    """The licence texts that came with the checkpoint."""
    for file in _licence_files(checkpoint.path):
        shutil.copyfile(file, bundle / file.name)


def write_settings(settings: Settings, bundle: Path) -> None:
    """``linnet.json``."""
    write_json(bundle / SETTINGS, settings.as_json())


def write_manifest(checkpoint: Checkpoint, bundle: Path) -> None:
    """``manifest.json``, last of all: where the bundle comes from, and the hash of each of its other files."""
    files = sorted(str(file.relative_to(bundle).as_posix()) for file in bundle.rglob("*") if file.is_file())
    write_json(
        bundle / MANIFEST,
        {
            "format_version": FORMAT_VERSION,
            "source": {
                "id": checkpoint.name,
                "revision": None,
                "files": [asdict(FileRecord.of(checkpoint.path, name)) for name in _source_files(checkpoint.path)],
            },
            "licence": stated_licence(checkpoint.path),
            "files": [asdict(FileRecord.of(bundle, name)) for name in files if name != MANIFEST],
        },
    )


def write_json(file: Path, value: Any) -> None:
    """JSON for people to read, the same bytes for the same value."""
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _source_files(folder: Path) -> Iterator[str]:
    """The checkpoint's files that a conversion reads."""
    weights = sorted(file.name for file in folder.glob("model*.safetensors*"))
    weights = weights or sorted(file.name for file in folder.glob("pytorch_model*.bin*"))
    licences = (file.name for file in _licence_files(folder))
    return (name for name in (*_SOURCE_FILES, *weights, *licences) if (folder / name).is_file())


def _licence_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file() and file.name.lower().startswith(_LICENCE_FILES))
