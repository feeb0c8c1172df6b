"""Assembles a bundle: the files beside the graph, and the manifest that lists them all."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from linnet.bundle import EMBEDDING, Settings
from linnet.layout import CONFIG, FORMAT_VERSION, GRAPH, MANIFEST, SETTINGS, TOKENIZER
from linnet.manifest import FileRecord
from tokenizers import Tokenizer

from linnet_export.checkpoint import Checkpoint
from linnet_export.errors import CheckpointError
from linnet_export.licence import licence_files
from linnet_export.preprocessing import write_preprocessing
from linnet_export.provenance import Provenance
from linnet_export.tokenizer_json import save_exactly, save_state
from linnet_export.unigram import write_compact_tokenizer
from linnet_export.vocabulary import Selection

_TOKENIZER_FILES = ("tokenizer_config.json", "special_tokens_map.json")


def write_files(
    origin: Provenance,
    checkpoint: Checkpoint,
    selection: Selection | None,
    settings: Settings,
    bundle: Path,
    scratch: Path,
) -> list[str]:
    """Everything beside the graph that a bundle needs to be loaded; gives remarks on what it has to do without.

    Raises:
        CheckpointError: there is a selection, and no compact tokenizer can be made of it.
    """
    write_tokenizer(checkpoint, bundle, scratch)
    write_config(checkpoint, bundle)
    remark = None
    if selection:
        _select(selection, bundle)
    elif settings.unk_token_id is None:
        remark = write_compact_tokenizer(bundle)
    write_settings(settings, bundle)
    write_preprocessing(settings.preprocessing, bundle)
    for file in licence_files(origin.source.folder):
        shutil.copyfile(file, bundle / file.name)
    write_manifest(origin, bundle)
    return [remark] if remark else []


def write_config(checkpoint: Checkpoint, bundle: Path) -> None:
    """The checkpoint's ``config.json`` for its task, labels spelt out, with what transformers.js needs to load the weights."""
    config = json.loads((checkpoint.path / CONFIG).read_bytes())
    for key in ("_name_or_path", "tokenizer_class"):  # tokenizer_config.json names the class that was written
        config.pop(key, None)
    for key in ("max_position_embeddings", "model_type", "pad_token_id", "vocab_size"):
        config.setdefault(key, getattr(checkpoint.config, key))  # the class's default, spelt out
    if checkpoint.task == EMBEDDING:
        size = "dim" if checkpoint.config.model_type == "distilbert" else "hidden_size"
        config.setdefault(size, checkpoint.config.hidden_size)
        for key in ("id2label", "label2id"):
            config.pop(key, None)
        config["architectures"] = [type(checkpoint.config).__name__.replace("Config", "Model")]
    else:
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


def _select(selection: Selection, bundle: Path) -> None:
    whole = json.loads(Tokenizer.from_file(str(bundle / TOKENIZER)).to_str())
    save_state(selection.tokenizer(whole), bundle / TOKENIZER)
    for name, renumbered in ((CONFIG, selection.config), ("tokenizer_config.json", selection.tokenizer_config)):
        write_json(bundle / name, renumbered(json.loads((bundle / name).read_bytes())))
    if remark := write_compact_tokenizer(bundle, whole, selection.new_ids.tolist()):
        raise CheckpointError(f"a smaller vocabulary wants a compact tokenizer: {remark}")


def write_settings(settings: Settings, bundle: Path) -> None:
    """``linnet.json``."""
    write_json(bundle / SETTINGS, settings.as_json())


def write_manifest(origin: Provenance, bundle: Path) -> None:
    """``manifest.json``, last of all: where the bundle comes from, and the hash of each of its other files."""
    files = sorted(str(file.relative_to(bundle).as_posix()) for file in bundle.rglob("*") if file.is_file())
    source, licence = origin.source, origin.licence
    write_json(
        bundle / MANIFEST,
        {
            "format_version": FORMAT_VERSION,
            "source": {
                "id": source.id,
                "revision": source.revision,
                "recipe": origin.recipe.name if origin.recipe else None,
                "files": [asdict(record) for record in origin.files],
            },
            "licence": licence.name,
            "accepted_licence": licence.concern if licence.accepted else None,
            "files": [asdict(FileRecord.of(bundle, name)) for name in files if name != MANIFEST],
        },
    )


def write_json(file: Path, value: Any) -> None:
    """JSON for people to read, the same bytes for the same value."""
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
