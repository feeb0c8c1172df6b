"""Checkpoint and options → the plan of a conversion, or the error that refuses it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from linnet.bundle.config import hidden_size
from linnet.bundle.opening import Bundle
from linnet.bundle.settings import POOLINGS, EmbeddingSettings, Settings
from linnet.names import INTERNALS
from linnet.preprocessing import PREPROCESSORS, Preprocessor, none, preprocessor
from linnet.tasks import EMBEDDING, TASKS

from linnet_export.bundle.preprocessing import preprocessing_tables
from linnet_export.checkpoint.reading import Checkpoint
from linnet_export.errors import CheckpointError
from linnet_export.int8.tables import BITS, BLOCK
from linnet_export.options import Options, complete
from linnet_export.parity.comparison import chunks
from linnet_export.parity.reference import Reference
from linnet_export.schemes import PER_TOKEN, SCHEMES
from linnet_export.scripts import is_script, unknown_script
from linnet_export.tokenizer.vocabulary import Selection, select, selection_of, single_characters

_AT_ONCE = 2048  # texts that are encoded at a time

_KNOWN: dict[str, Collection[str | int]] = {
    "task": TASKS,
    "preprocessing": PREPROCESSORS,
    "pooling": POOLINGS,
    "quantization": SCHEMES,
    "embedding_bits": BITS,
}
"""The values that these options can have."""


@dataclass(frozen=True)
class Plan:
    """What is made of a checkpoint."""

    checkpoint: Checkpoint
    """The checkpoint."""
    settings: Settings
    """The settings of its bundle."""
    selection: Selection | None
    """The part of its vocabulary that stays; None for all of it."""
    internals: bool = False
    """True if the bundle gets a graph of its hidden states and attentions."""

    def reference(self) -> Reference:
        """Loads the original model.

        Raises:
            CheckpointError: its weights cannot be read.
        """
        checkpoint, settings = self.checkpoint, self.settings
        return Reference(checkpoint, checkpoint.model(), settings, _preprocessor(settings), self.selection)


def plan(checkpoint: Checkpoint, options: Options) -> Plan:
    """Plans the conversion of a checkpoint. Its weights need not be there yet.

    Raises:
        CheckpointError: the checkpoint cannot be converted with these options.
    """
    checkpoint.check()
    settings = settings_of(checkpoint, options)
    selection = _selection(checkpoint, settings, options)
    return Plan(checkpoint, _with_vocabulary(settings, selection), selection, options.get("internals", False))


def plan_of_bundle(checkpoint: Checkpoint, bundle: Bundle) -> Plan:
    """Returns the plan by which a bundle was made, to measure the bundle again.

    Raises:
        CheckpointError: the bundle was not made from this checkpoint.
    """
    checkpoint.check()
    declared = bundle.settings
    options: Options = {
        "preprocessing": declared.preprocessing,
        "pooling": declared.embedding.pooling if declared.embedding else None,
        "normalize": declared.embedding.normalize if declared.embedding else None,
        "quantization": declared.quantization,
        "embedding_bits": declared.embedding_bits,
    }
    selection = selection_of(bundle)
    settings = _with_vocabulary(settings_of(checkpoint, options), selection)
    return Plan(checkpoint, settings, selection, bundle.manifest.find(INTERNALS) is not None)


def check_options(options: Options) -> None:
    """Checks what can be told of the options alone, before a checkpoint is looked for.

    Raises:
        CheckpointError: an option has a value that does not exist, or two options exclude each other.
    """
    chosen = complete(options)
    for name, known in _KNOWN.items():
        found = chosen.get(name)
        if found is not None and found not in known:
            raise CheckpointError(f"expected {name} to be {' or '.join(map(str, known))}, found {found!r}")
    for script in chosen["scripts"]:
        if not is_script(script):
            raise CheckpointError(unknown_script(script))
    smaller = bool(chosen["scripts"]) or chosen.get("vocabulary_from") is not None
    per_token = chosen["quantization"] == PER_TOKEN
    if smaller and not per_token:
        raise CheckpointError(
            f"a smaller vocabulary needs --quantization {PER_TOKEN}, found {chosen['quantization']}: leave one out"
        )
    if chosen["embedding_bits"] != 8 and not per_token:
        raise CheckpointError(
            f"embeddings in 4 bits need --quantization {PER_TOKEN}, found {chosen['quantization']}: leave one out"
        )
    if chosen.get("internals") and not per_token:
        raise CheckpointError(
            f"--internals needs --quantization {PER_TOKEN}, found {chosen['quantization']}: leave one out"
        )
    task = chosen.get("task")
    if task and not TASKS[task].vectors:
        _refuse_pooling("the checkpoint", chosen)


def settings_of(checkpoint: Checkpoint, options: Options) -> Settings:
    """Returns the settings of a checkpoint's bundle.

    Raises:
        CheckpointError: a pooling or a normalization was chosen for a classifier, or 4 bits where they do not work.
    """
    chosen = complete(options)
    embeds = TASKS[checkpoint.task].vectors
    pooling, normalize = chosen.get("pooling"), chosen.get("normalize")
    if not embeds:
        _refuse_pooling(str(checkpoint.path), chosen)
    _check_embedding_bits(checkpoint, chosen)
    return Settings(
        task=checkpoint.task,
        preprocessing=chosen.get("preprocessing") or checkpoint.preprocessing,
        max_length=checkpoint.max_length,
        truncation_side=checkpoint.tokenizer.truncation_side,
        quantization=chosen["quantization"],
        embedding_bits=chosen["embedding_bits"],
        unk_token_id=checkpoint.unk_token_id,
        embedding=EmbeddingSettings(
            pooling or checkpoint.pooling, checkpoint.normalize if normalize is None else normalize
        )
        if embeds
        else None,
    )


def _refuse_pooling(what: str, options: Options) -> None:
    if options.get("pooling") is not None or options.get("normalize") is not None:
        raise CheckpointError(
            f"{what}: pooling and normalization are for embeddings, and this becomes a classifier; "
            f"leave them out, or convert it for its embeddings: --task {EMBEDDING}"
        )


def _with_vocabulary(settings: Settings, selection: Selection | None) -> Settings:
    return replace(settings, vocabulary=selection.named if selection else None)


def _selection(checkpoint: Checkpoint, settings: Settings, options: Options) -> Selection | None:
    scripts, wanted = options.get("scripts", ()), options.get("vocabulary_from")
    if not scripts and wanted is None:
        return None
    texts = None if wanted is None else list(wanted)
    if texts is not None and not any(text.strip() for text in texts):
        raise CheckpointError("expected texts to take the vocabulary from, found none")
    state = json.loads(checkpoint.tokenizer.backend_tokenizer.to_str())
    always = _used_ids(checkpoint, none, single_characters(state))
    used = None if texts is None else _used_ids(checkpoint, _preprocessor(settings), texts)
    selection = select(state, size=checkpoint.config.vocab_size, scripts=scripts, used=used, always=always)
    if selection.renumbered([checkpoint.pad_token_id]) != [checkpoint.pad_token_id]:
        raise CheckpointError(
            f"{checkpoint.path}: positions count from the padding's id, which a smaller vocabulary would change: "
            "keep the whole vocabulary"
        )
    return selection


def _used_ids(checkpoint: Checkpoint, prepare: Preprocessor, texts: Sequence[str]) -> set[int]:
    """Returns every id of the texts, also beyond the length that the model reads."""
    used: set[int] = set()
    for part in chunks(texts, _AT_ONCE):
        prepared = [prepare(text).text for text in part]
        used.update(*checkpoint.original_tokenizer(prepared, return_attention_mask=False, verbose=False)["input_ids"])
    return used


def _check_embedding_bits(checkpoint: Checkpoint, options: Options) -> None:
    if options["embedding_bits"] == 8:
        return
    if (width := hidden_size(checkpoint.config.to_dict())) % BLOCK:
        raise CheckpointError(
            f"{checkpoint.path}: embeddings in 4 bits need a multiple of {BLOCK} dimensions, found {width}: keep 8 bits"
        )


def _preprocessor(settings: Settings) -> Preprocessor:
    return preprocessor(settings.preprocessing, preprocessing_tables(settings.preprocessing))
