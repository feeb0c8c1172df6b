"""Checkpoint → bundle: composes the steps. A bundle that fails parity is not written."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import linnet
from linnet.bundle import EMBEDDING, Settings, hidden_size
from linnet.layout import PARITY
from linnet.preprocessing import Preprocessor, none, preprocessor
from linnet.texts import as_texts

from linnet_export.builtin_texts import builtin_texts
from linnet_export.card import model_card
from linnet_export.checkpoint import Checkpoint, read_checkpoint
from linnet_export.comparison import chunks
from linnet_export.errors import CheckpointError, ParityError, RecipeError
from linnet_export.graphs import export_graphs
from linnet_export.licence import accepted
from linnet_export.parity import Parity, measure
from linnet_export.preprocessing import preprocessing_tables
from linnet_export.progress import Steps
from linnet_export.provenance import find
from linnet_export.recipe import recipe_names
from linnet_export.reference import Reference
from linnet_export.report import parity_report
from linnet_export.schemes import PER_TOKEN
from linnet_export.source_files import CARD
from linnet_export.staging import publish, resolve_target, staging_folder
from linnet_export.tables import BITS, BLOCK
from linnet_export.vocabulary import Selection, select, selection_of, single_characters
from linnet_export.writer import write_files, write_json, write_manifest

_WANTED = 200
"""How many of the texts that the vocabulary is taken from take part in the proof."""

_AT_ONCE = 2048


@dataclass(frozen=True)
class Choices:
    """What the caller chooses; what is left None is as the recipe or the checkpoint has it."""

    preprocessing: str | None = None
    pooling: str | None = None
    normalize: bool | None = None
    quantization: str = PER_TOKEN
    embedding_bits: int = 8


def convert(
    checkpoint: str | Path,
    output: str | Path,
    *,
    recipe: str | None = None,
    revision: str | None = None,
    task: str | None = None,
    preprocessing: str | None = None,
    pooling: str | None = None,
    normalize: bool | None = None,
    quantization: str = PER_TOKEN,
    embedding_bits: int = 8,
    scripts: Sequence[str] = (),
    vocabulary_from: Sequence[str] | None = None,
    offline: bool = False,
    accept_licence: bool = False,
    texts: Sequence[str] = (),
    overwrite: bool = False,
    silent: bool = True,
) -> Parity:
    """Converts a checkpoint, proves the result equal, and writes it to ``output``.

    Args:
        checkpoint: a folder as ``save_pretrained`` writes it, or an id on the hub.
        output: the folder to make.
        recipe: the name of a recipe, or a ``.toml`` file; by default, the one for the hub id.
        revision: a branch, tag or commit on the hub.
        task: ``text-classification`` or ``feature-extraction``; by default, what the checkpoint was made for.
        preprocessing: the preset that users' texts go through; by default the recipe's, else ``none``.
        pooling: ``mean``, ``cls`` or ``max``, for embeddings; by default the checkpoint's, else ``mean``.
        normalize: whether the vectors of texts have length 1; by default as the checkpoint has it.
        quantization: ``per-token``, or ``per-tensor`` for runtimes without onnxruntime's own operators.
        embedding_bits: 8, or 4 for a smaller file and somewhat less exact answers; of ``per-token`` alone.
        scripts: Unicode's names of scripts; pieces in others are left out of the vocabulary, single characters never.
        vocabulary_from: texts whose pieces stay; with ``scripts``, besides those in them. Some are proven too.
        offline: take what the hub's cache has, and open no connection.
        accept_licence: somebody answers for the use of a checkpoint that is not free for every use.
        texts: texts to prove parity on, besides the built-in ones.
        overwrite: replace what is at ``output``.
        silent: show no progress on standard error.

    Raises:
        CheckpointError: there is nothing that can be converted.
        HubError: the hub, or its cache, does not have it.
        RecipeError: there is no such recipe, or it is for another checkpoint.
        LicenceError: somebody has to accept the licence.
        InputError: ``output`` cannot be written.
        ParityError: the bundle is too far from the original; nothing was written.
    """
    wanted = None if vocabulary_from is None else as_texts(vocabulary_from)
    proof = _once([*builtin_texts(), *as_texts(texts), *(wanted or ())[:_WANTED]])
    steps = Steps(7, silent=silent)
    choices = Choices(preprocessing, pooling, normalize, quantization, embedding_bits)
    target = resolve_target(Path(output), Path(checkpoint), overwrite=overwrite)
    with steps.step("finding the checkpoint"):
        origin = find(checkpoint, recipe=recipe, revision=revision, offline=offline, silent=silent)
        origin = replace(origin, licence=accepted(origin.licence, accept=accept_licence))
    source = read_checkpoint(origin.source.outline, recipe=origin.recipe, task=task)
    settings = settings_of(source, choices)  # what is wrong with it is said before a gigabyte is fetched
    selection = _selection(source, settings, scripts, wanted)
    settings = replace(settings, vocabulary=selection.named if selection else None)
    steps.note(*origin.remarks)
    _ = origin.source.folder  # between two steps: a download shows progress of its own
    with steps.step("reading it"):
        reference = _reference(source, settings, selection)
    with staging_folder(target) as staging:
        bundle, scratch = staging / "bundle", staging / "scratch"
        bundle.mkdir()
        with steps.step("exporting the fp32 graph"):
            graphs = export_graphs(reference, scratch, builtin_texts())
        steps.note(*filter(None, [graphs.remark]))
        with steps.step("quantizing to INT8"):
            settings = replace(settings, equalization=graphs.equalization())
            fp32 = graphs.quantize(settings, bundle)
        with steps.step("writing its tokenizer and settings"):
            remarks = write_files(origin, source, selection, settings, bundle, scratch)
        steps.note(*remarks)
        with steps.step(f"proving the bundle equal to the original on {len(proof)} texts and its whole vocabulary"):
            parity = measure(reference, fp32, linnet.load(bundle), proof)
        if parity.failures:
            raise ParityError(f"{origin.source.id} was not converted: parity failed\n{parity_report(parity)}")
        with steps.step(f"writing {output}"):
            write_json(bundle / PARITY, parity.as_json())
            card = model_card(origin, target.name, settings, parity)
            (bundle / CARD).write_text(card, encoding="utf-8")
            write_manifest(origin, bundle)
            publish(bundle, target)
    return parity


def check_parity(
    bundle: str | Path,
    checkpoint: str | Path,
    *,
    recipe: str | None = None,
    revision: str | None = None,
    offline: bool = False,
    texts: Sequence[str] = (),
) -> Parity:
    """Measures a bundle against a checkpoint again, on the built-in texts and ``texts``.

    ``recipe`` and ``revision`` are by default those that the bundle was made by.

    Raises:
        CheckpointError: there is no checkpoint, or one that the bundle was not made from.
        BundleError: the bundle cannot be loaded.
    """
    proof = _once([*builtin_texts(), *as_texts(texts)])
    model = linnet.load(bundle)
    made_by = model.bundle.manifest["source"]
    if not Path(checkpoint).exists():
        revision = revision or made_by.get("revision")
    if made_by.get("recipe") and not recipe and made_by["recipe"] not in recipe_names():
        raise RecipeError(
            f"{bundle} was made by the recipe {made_by['recipe']}, a file of yours: name it with --recipe"
        )
    origin = find(checkpoint, recipe=recipe or made_by.get("recipe"), revision=revision, offline=offline)
    declared = model.bundle.settings
    source = read_checkpoint(origin.source.folder, recipe=origin.recipe, task=declared.task)
    normalize = declared.normalize if declared.task == EMBEDDING else None
    choices = Choices(
        declared.preprocessing, declared.pooling, normalize, declared.quantization, declared.embedding_bits
    )
    settings = settings_of(source, choices)
    selection = selection_of(model.bundle)
    settings = replace(settings, vocabulary=selection.named if selection else None)
    reference = _reference(source, settings, selection)
    with tempfile.TemporaryDirectory(prefix="linnet-") as folder:
        graphs = export_graphs(reference, Path(folder), builtin_texts())
        return measure(reference, graphs.fp32(declared.equalization), model, proof)


def settings_of(source: Checkpoint, choices: Choices) -> Settings:
    """The settings of a checkpoint's bundle.

    Raises:
        CheckpointError: a pooling or a normalization was chosen for a classifier, or 4 bits for what cannot have them.
    """
    embeds = source.task == EMBEDDING
    if not embeds and (choices.pooling is not None or choices.normalize is not None):
        raise CheckpointError(
            f"{source.path}: pooling and normalization are of embeddings, and this becomes a classifier; "
            f"leave them out, or convert it for its embeddings: --task {EMBEDDING}"
        )
    _check_embedding_bits(source, choices)
    return Settings(
        task=source.task,
        preprocessing=choices.preprocessing or source.preprocessing,
        max_length=source.max_length,
        truncation_side=source.tokenizer.truncation_side,
        quantization=choices.quantization,
        embedding_bits=choices.embedding_bits,
        unk_token_id=source.unk_token_id,
        pooling=(choices.pooling or source.pooling) if embeds else None,
        normalize=embeds and (source.normalize if choices.normalize is None else choices.normalize),
    )


def _selection(
    source: Checkpoint, settings: Settings, scripts: Sequence[str], texts: Sequence[str] | None
) -> Selection | None:
    if not scripts and texts is None:
        return None
    if settings.quantization != PER_TOKEN:
        raise CheckpointError(f"a smaller vocabulary wants --quantization {PER_TOKEN}, found {settings.quantization}")
    if texts is not None and not any(text.strip() for text in texts):
        raise CheckpointError("expected texts to take the vocabulary from, found none")
    state = json.loads(source.tokenizer.backend_tokenizer.to_str())
    always = _used_ids(source, none, single_characters(state))
    used = None if texts is None else _used_ids(source, _preprocessor(settings), texts)
    selection = select(state, size=source.config.vocab_size, scripts=scripts, used=used, always=always)
    if selection.renumbered([source.pad_token_id]) != [source.pad_token_id]:
        raise CheckpointError(
            f"{source.path}: positions count from the padding's id, which a smaller vocabulary would change: keep all of it"
        )
    return selection


def _used_ids(source: Checkpoint, prepare: Preprocessor, texts: Sequence[str]) -> set[int]:
    """Every id that the texts have, beyond what is cut off too."""
    used: set[int] = set()
    for part in chunks(texts, _AT_ONCE):
        prepared = [prepare(text).text for text in part]
        used.update(*source.original_tokenizer(prepared, return_attention_mask=False, verbose=False)["input_ids"])
    return used


def _check_embedding_bits(source: Checkpoint, choices: Choices) -> None:
    if choices.embedding_bits not in BITS:
        raise CheckpointError(
            f"expected embedding bits of {' or '.join(map(str, BITS))}, found {choices.embedding_bits}"
        )
    if choices.embedding_bits == 8:
        return
    if choices.quantization != PER_TOKEN:
        raise CheckpointError(f"embeddings in 4 bits want --quantization {PER_TOKEN}, found {choices.quantization}")
    if (width := hidden_size(source.config.to_dict())) % BLOCK:
        raise CheckpointError(
            f"{source.path}: embeddings in 4 bits want a multiple of {BLOCK} dimensions, found {width}: keep 8 bits"
        )


def _once(texts: Sequence[str]) -> list[str]:
    """Each text once, for the mean is over texts."""
    return list(dict.fromkeys(texts))


def _reference(source: Checkpoint, settings: Settings, selection: Selection | None) -> Reference:
    return Reference(source, source.model(), settings, _preprocessor(settings), selection)


def _preprocessor(settings: Settings) -> Preprocessor:
    return preprocessor(settings.preprocessing, preprocessing_tables(settings.preprocessing))
