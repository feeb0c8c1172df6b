"""Reads a checkpoint's model in fp32 and checks that its weights are those that the model takes."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from linnet.tasks import CLASSIFICATION, EMBEDDING
from safetensors import safe_open
from transformers import AutoModel, AutoModelForSequenceClassification, PretrainedConfig, PreTrainedModel

from linnet_export.architectures import ARCHITECTURES
from linnet_export.errors import CheckpointError, translated
from linnet_export.quiet import quiet
from linnet_export.source.files import WEIGHTS, weight_files
from linnet_export.source.intact import check_files, read_object

MODELS: dict[str, Any] = {CLASSIFICATION: AutoModelForSequenceClassification, EMBEDDING: AutoModel}
"""The class of transformers that loads the checkpoint of each task."""

_UNREADABLE = "copy the checkpoint again (Linnet does not read a pickle that holds more than tensors)"

_LACKING = "copy the checkpoint again, or fine-tune it first if its head is untrained"

_NOT_NEEDED = re.compile(
    r"(.*\.)?(position_ids|token_type_ids)"  # buffers that transformers computes
    r"|(\w+\.)?pooler\..+"
    r"|(cls\.(predictions|seq_relationship)|lm_head|vocab_transform|vocab_layer_norm|vocab_projector)\..+"
    r"|(.*\.)?(loss|loss_fct|loss_fn|criterion)\.(pos_)?weight"  # of classes in training
)
"""Weights that no bundle needs, and that many checkpoints have: poolers, language-model heads and buffers."""


def weight_names(path: Path) -> frozenset[str] | None:
    """Returns the names of a checkpoint's weights; None if the weights are not there yet.

    Raises:
        CheckpointError: the files cannot be read.
    """
    files = weight_files(file.name for file in path.iterdir())
    if not files:
        return None
    check_files(path, files)
    file = path / files[0]
    with translated(f"{file}: the weights cannot be read", _UNREADABLE), quiet():
        if file.suffix == ".json":
            listed = read_object(file).get("weight_map")
            return frozenset(map(str, listed)) if isinstance(listed, dict) else frozenset()
        if file.suffix == ".safetensors":
            with safe_open(file, framework="pt") as tensors:
                return frozenset(tensors.keys())
        return frozenset(map(str, torch.load(file, map_location="meta", weights_only=True)))


def read_model(path: Path, config: PretrainedConfig, task: str, *, drops_head: bool) -> PreTrainedModel:
    """Returns the original model in fp32 and evaluation mode; for embeddings, only its encoder.

    Weights come from safetensors, or from a pickle with torch's restricted reader.

    Args:
        path: the checkpoint's folder.
        config: the content of its ``config.json``.
        task: the bundle's task.
        drops_head: True if embeddings may leave out a head without a word, since somebody chose them.

    Raises:
        CheckpointError: the weights cannot be read, some are missing, or some have no place in the model.
    """
    files = weight_files(file.name for file in path.iterdir())
    if not files:
        raise CheckpointError(
            f"{path}: expected {WEIGHTS[0]} or {WEIGHTS[2]}, found neither; copy the weights beside config.json"
        )
    check_files(path, files)
    _check_room(path, config, files)
    kind = MODELS[task]
    # Linnet does not use the output of transformers' pooler, and not every checkpoint has its weights.
    pools = kind is AutoModel and ARCHITECTURES[config.model_type].pools
    options = {"add_pooling_layer": False} if pools else {}
    with translated(f"{path / files[0]}: the weights cannot be read", _UNREADABLE), quiet():
        model, report = kind.from_pretrained(
            path, config=config, local_files_only=True, trust_remote_code=False, weights_only=True,
            dtype="float32", ignore_mismatched_sizes=True, output_loading_info=True, **options,
        )  # fmt: skip
    _check_places(path, model, report, drops_head=drops_head)
    _check_finite(path, model)
    return model.eval()  # type: ignore[no-any-return]


def _check_room(path: Path, config: PretrainedConfig, files: Collection[str]) -> None:
    """Checks that the files can hold the model, before memory for all of it is taken: a weight has a byte or more."""
    width = config.hidden_size
    table = (config.vocab_size + config.max_position_embeddings) * width
    expected, found = (
        table + 4 * config.num_hidden_layers * width**2,
        sum((path / name).stat().st_size for name in files),
    )
    if expected > found:
        raise CheckpointError(
            f"{path}: the weights cannot be read: expected at least {expected:,} weights, as config.json describes, found {found:,} bytes; "
            "copy the checkpoint again"
        )


def _check_places(path: Path, model: PreTrainedModel, report: Mapping[str, Any], *, drops_head: bool) -> None:
    """Checks that each weight of the model is in the checkpoint, and each weight of the checkpoint in the model."""
    name = type(model).__name__
    unknown = [key for key in report["unexpected_keys"] if not _NOT_NEEDED.fullmatch(key)]
    outside = [key for key in unknown if _is_outside(key, model)]
    left = sorted(set(unknown) - set(outside) if drops_head and model.base_model is model else unknown)
    if wrong := sorted([*report["missing_keys"], *report["mismatched_keys"]]):
        others = f" (but others, such as {_some(left)})" if left else ""
        prefix = next((key.removesuffix(wrong[0]) for key in left if key.endswith(f".{wrong[0]}")), None)
        raise CheckpointError(
            f"{path}: expected the weights of {name}, found no matching weights for {_some(wrong)}{others}; "
            + (f"remove {prefix!r} from the beginning of their names" if prefix else _LACKING)
        )
    if left:
        raise CheckpointError(
            f"{path}: expected only the weights of {name} as config.json describes it, found also {_some(left)}, "
            "which would be lost; fix config.json if it is not the checkpoint's own"
            + (f", or convert the encoder without its head: --task {EMBEDDING}" if set(left) <= set(outside) else "")
        )


def _is_outside(key: str, model: PreTrainedModel) -> bool:
    """Returns True if a weight belongs to no part of the model's encoder, as those of a head do."""
    first = key.split(".")[0]
    return first != model.base_model_prefix and first not in dict(model.base_model.named_children())


def _some(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _check_finite(path: Path, model: PreTrainedModel) -> None:
    if broken := [name for name, tensor in model.named_parameters() if not tensor.isfinite().all()]:
        raise CheckpointError(
            f"{path}: expected numbers, found NaN or infinity in {_some(broken)}; train or copy the checkpoint again"
        )
