"""Reads a checkpoint's ``config.json`` and checks that it describes an encoder that Linnet can convert."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from transformers import CONFIG_MAPPING, PretrainedConfig

from linnet_export.architectures import ARCHITECTURES
from linnet_export.errors import CheckpointError, RecipeError, translated
from linnet_export.source.files import CONFIG, TOKENIZER
from linnet_export.source.intact import check_files, read_object
from linnet_export.source.recipe import Recipe

_SIZES = ("vocab_size", "max_position_embeddings", "hidden_size", "num_hidden_layers", "num_attention_heads")
_MULTI_LABEL = "multi_label_classification"
_REGRESSION = "regression"


def read_config(path: Path, recipe: Recipe | None) -> PretrainedConfig:
    """Returns the content of ``config.json``, with the problem type that the name of its class gives.

    Raises:
        CheckpointError: the folder has no config, one of the files beside it is not valid, or Linnet cannot convert
            the architecture.
        RecipeError: the recipe is for another architecture.
    """
    if not path.is_dir():
        raise CheckpointError(
            f"expected a checkpoint folder at {path}, found {'a file' if path.exists() else 'nothing'}"
        )
    file = path / CONFIG
    if not os.path.lexists(file):
        raise CheckpointError(
            f"{path} is not a checkpoint: it has no {CONFIG}; give the folder that save_pretrained wrote"
        )
    check_files(path, (CONFIG, *TOKENIZER))
    declared = read_object(file)
    architectures = _architectures(file, declared)
    model_type = _model_type(file, declared, architectures)
    if recipe and recipe.model_type != model_type:
        raise RecipeError(
            f"{path}: expected model_type {recipe.model_type!r}, as in the recipe {recipe.name}, "
            f"found {model_type!r}; leave the recipe out for this checkpoint"
        )
    with translated(str(file), "expected the config.json of a Hugging Face checkpoint"):
        config: PretrainedConfig = CONFIG_MAPPING[model_type].from_pretrained(path, local_files_only=True)
    _check_sizes(file, config)
    if config.problem_type is None and any("MultiLabel" in name for name in architectures):
        config.problem_type = _MULTI_LABEL
    return config


def check_problem_type(path: Path, config: PretrainedConfig) -> None:
    """Checks that the head gives labels.

    Raises:
        CheckpointError: it is a regression, which gives a number.
    """
    if config.problem_type == _REGRESSION:
        raise CheckpointError(
            f"{path / CONFIG}: expected a head that gives labels, found problem_type {_REGRESSION!r}, whose output is "
            "a number; if it is a score for one label (transformers' Trainer writes this for every head with one "
            f"label), set problem_type to null, and scores are its sigmoid; for embeddings: --task feature-extraction"
        )


def named_architecture(config: PretrainedConfig) -> str:
    """Returns the names of the checkpoint's classes, for messages."""
    return ", ".join(config.architectures or ["no architecture"])


def _architectures(file: Path, declared: Mapping[str, object]) -> list[str]:
    found = declared.get("architectures") or []
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise CheckpointError(
            f"{file}: expected architectures to be a list of names of classes, found {found!r}; fix it or leave it out"
        )
    return found


def _model_type(file: Path, declared: Mapping[str, object], architectures: list[str]) -> str:
    """Returns the checkpoint's ``model_type``; if it is missing, the one of its architecture."""
    found = declared.get("model_type") or _deduced(architectures)
    named, encoders = ", ".join(architectures) or "no architecture", ", ".join(ARCHITECTURES)
    if found is None:
        raise CheckpointError(
            f"{file}: expected model_type to name an encoder ({encoders}), found none, and {named}; "
            f'add "model_type": "…" if it is one of them'
        )
    is_decoder = bool(declared.get("is_decoder"))
    if found not in ARCHITECTURES or is_decoder:
        raise CheckpointError(
            f"{file}: expected an encoder ({encoders}), found {named} "
            f"(model_type {found!r}{', a decoder' if is_decoder else ''}); Linnet converts only these encoders"
        )
    if quantization := declared.get("quantization_config"):
        method = quantization.get("quant_method", quantization) if isinstance(quantization, dict) else quantization
        raise CheckpointError(
            f"{file}: expected weights in floating point, found weights quantized by {method}; "
            "give the checkpoint that they were made from"
        )
    return str(found)


def _deduced(architectures: list[str]) -> str | None:
    """Returns the ``model_type`` whose classes of transformers the architectures are named like; None if none."""
    beginnings = {CONFIG_MAPPING[kind].__name__.removesuffix("Config"): kind for kind in ARCHITECTURES}
    found = {
        kind
        for name in architectures
        for beginning, kind in beginnings.items()
        if re.fullmatch(rf"{beginning}(Model|For\w+)", name)
    }
    return found.pop() if len(found) == 1 else None


def _check_sizes(file: Path, config: PretrainedConfig) -> None:
    for name in _SIZES:
        found = getattr(config, name)
        if not isinstance(found, int) or isinstance(found, bool) or found < 1:
            raise CheckpointError(
                f"{file}: expected {config.attribute_map.get(name, name)} to be a whole number of at least 1, "
                f"found {found!r}; copy the checkpoint again"
            )
