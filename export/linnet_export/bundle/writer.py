"""Writes all files of a bundle except the graph, and the manifest that lists every file."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from linnet.bundle.integrity import record
from linnet.bundle.manifest import MadeFrom, Manifest
from linnet.bundle.materials import SOURCES, bill_of_materials
from linnet.bundle.placing import Staged, publish
from linnet.bundle.settings import Settings
from linnet.names import CONFIG, GRAPH, MANIFEST, PARITY, SBOM, SETTINGS, TOKENIZER
from linnet.tasks import TASKS
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from linnet_export.bundle.card import model_card
from linnet_export.bundle.preprocessing import write_preprocessing
from linnet_export.bundle.sentence_modules import sentence_modules
from linnet_export.checkpoint.reading import Checkpoint
from linnet_export.errors import CheckpointError
from linnet_export.parity.measure import Parity
from linnet_export.source.files import CARD
from linnet_export.source.licence import licence_files
from linnet_export.source.provenance import Provenance
from linnet_export.tokenizer.json_file import save_exactly, save_state
from linnet_export.tokenizer.unigram import write_compact_tokenizer
from linnet_export.tokenizer.vocabulary import Selection

_TOKENIZER_FILES = ("tokenizer_config.json", "special_tokens_map.json")


def write_files(
    origin: Provenance, checkpoint: Checkpoint, selection: Selection | None, settings: Settings, staged: Staged
) -> list[str]:
    """Writes all files besides the graph that loading a bundle needs; returns notes about missing optional files.

    Raises:
        CheckpointError: there is a selection, and its tokenizer cannot be written as a compact tokenizer.
    """
    bundle = staged.bundle
    write_tokenizer(checkpoint, bundle, staged.scratch)
    write_config(checkpoint, bundle)
    remark = None
    if selection:
        _select(selection, bundle)
    elif settings.unk_token_id is None:
        remark = write_compact_tokenizer(bundle)
    write_json(bundle / SETTINGS, settings.as_json())
    if settings.embedding:
        for name, content in sentence_modules(settings.embedding, checkpoint.config.hidden_size).items():
            (bundle / name).parent.mkdir(exist_ok=True)
            write_json(bundle / name, content)
    write_preprocessing(settings.preprocessing, bundle)
    for file in licence_files(origin.source.fetch()):
        shutil.copyfile(file, bundle / file.name)
    write_manifest(origin, bundle)
    return [remark] if remark else []


def publish_bundle(
    origin: Provenance, settings: Settings, parity: Parity, staged: Staged, target: Path, *, overwrite: bool
) -> None:
    """Writes the parity report, the card, the bill of materials and the final manifest, and moves the bundle to its target.

    Raises:
        InputError: files that would be lost have come to the target since the conversion began.
    """
    write_json(staged.bundle / PARITY, parity.as_json())
    card = model_card(origin, target.name, settings, parity)
    (staged.bundle / CARD).write_text(card, encoding="utf-8")
    _write_bill(write_manifest(origin, staged.bundle), staged.bundle)
    write_manifest(origin, staged.bundle)
    publish(staged.bundle, target, overwrite=overwrite)


def write_config(checkpoint: Checkpoint, bundle: Path) -> None:
    """Writes ``config.json`` for the task, with its labels and the setting that lets transformers.js load weights."""
    config = json.loads((checkpoint.path / CONFIG).read_bytes())
    for key in ("_name_or_path", "tokenizer_class"):  # tokenizer_config.json names the class instead
        config.pop(key, None)
    for key in ("max_position_embeddings", "model_type", "pad_token_id", "vocab_size"):
        config.setdefault(key, getattr(checkpoint.config, key))  # transformers leaves out defaults
    beginning = type(checkpoint.config).__name__.removesuffix("Config")
    if TASKS[checkpoint.task].vectors:
        size = "dim" if checkpoint.config.model_type == "distilbert" else "hidden_size"
        config.setdefault(size, checkpoint.config.hidden_size)
        for key in ("id2label", "label2id"):
            config.pop(key, None)
        config["architectures"] = [f"{beginning}Model"]
    else:
        config["architectures"] = [f"{beginning}ForSequenceClassification"]  # the checkpoint may name its author's own
        if checkpoint.config.problem_type is not None:
            config["problem_type"] = checkpoint.config.problem_type
        labels = checkpoint.head.labels
        config["id2label"] = {str(index): label for index, label in enumerate(labels)}
        config["label2id"] = {label: index for index, label in enumerate(labels)}
    config["transformers.js_config"] = {"use_external_data_format": {Path(GRAPH).name: True}}
    write_json(bundle / CONFIG, config)


def write_tokenizer(checkpoint: Checkpoint, bundle: Path, scratch: Path) -> None:
    """Writes ``tokenizer.json`` without padding or truncation, and the other files that `AutoTokenizer` reads."""
    tokenizer = checkpoint.tokenizer
    with _as_written(tokenizer, checkpoint.max_length):
        tokenizer.save_pretrained(scratch)
        save_exactly(tokenizer.backend_tokenizer, bundle / TOKENIZER)
    for name in _TOKENIZER_FILES:
        shutil.copyfile(scratch / name, bundle / name)


@contextmanager
def _as_written(tokenizer: PreTrainedTokenizerFast, max_length: int) -> Iterator[None]:
    """Applies the bundle's settings to the tokenizer inside the context, and restores its own afterwards.

    It may be the original tokenizer, which parity uses too. It is not copied, because a copy goes through JSON, which
    changes a Unigram model's scores (see `linnet_export.tokenizer.json_file`).
    """
    backend = tokenizer.backend_tokenizer
    before = tokenizer.model_max_length, backend.truncation, backend.padding
    tokenizer.model_max_length = max_length
    backend.no_truncation()
    backend.no_padding()
    try:
        yield
    finally:
        tokenizer.model_max_length, truncation, padding = before
        if truncation:
            backend.enable_truncation(**truncation)
        if padding:
            backend.enable_padding(**padding)


def _select(selection: Selection, bundle: Path) -> None:
    whole = json.loads(Tokenizer.from_file(str(bundle / TOKENIZER)).to_str())
    save_state(selection.tokenizer(whole), bundle / TOKENIZER)
    for name, renumbered in ((CONFIG, selection.config), ("tokenizer_config.json", selection.tokenizer_config)):
        write_json(bundle / name, renumbered(json.loads((bundle / name).read_bytes())))
    if remark := write_compact_tokenizer(bundle, whole, selection.new_ids.tolist()):
        raise CheckpointError(f"a smaller vocabulary needs a compact tokenizer: {remark}")


def _write_bill(manifest: Manifest, bundle: Path) -> None:
    contents = {name: (bundle / name).read_bytes() for name in SOURCES if (bundle / name).is_file()}
    (bundle / SBOM).write_bytes(bill_of_materials(manifest, contents))


def write_manifest(origin: Provenance, bundle: Path) -> Manifest:
    """Writes and returns ``manifest.json``, which lists every other file and so comes last."""
    paths = sorted(file.relative_to(bundle).as_posix() for file in bundle.rglob("*") if file.is_file())
    source, licence = origin.source, origin.licence
    recipe = origin.recipe
    manifest = Manifest(
        source=MadeFrom(source.id, source.revision, recipe.name if recipe else None, tuple(origin.files)),
        licence=licence.name,
        accepted_licence=licence.concern if licence.accepted else None,
        files=tuple(record(bundle, path) for path in paths if path != MANIFEST),
        published=recipe.figures if recipe else (),
    )
    write_json(bundle / MANIFEST, manifest.as_json())
    return manifest


def write_json(file: Path, value: Any) -> None:
    """Writes a value as indented JSON; the same value gives the same bytes."""
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
