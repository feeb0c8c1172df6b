"""Reads the embedding settings of a sentence-transformers checkpoint: ``modules.json`` and the files it names."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from linnet_export.errors import CheckpointError

MODULES = "modules.json"

_T = TypeVar("_T")

_LENGTH_FILES = (
    "sentence_bert_config.json",
    *(f"sentence_{kind}_config.json" for kind in ("roberta", "distilbert", "camembert", "xlm-roberta")),
)
_POOLING_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
}


@dataclass(frozen=True)
class SentenceModules:
    """The settings that turn a text's token vectors into one text vector."""

    transformer: Path
    """The folder of the encoder."""
    pooling: str
    """``mean``, ``cls`` or ``max``."""
    normalize: bool
    """True if the text vector is scaled to length 1."""
    max_length: int | None
    """The encoder's limit in tokens; None if it is not set."""
    lowercase: bool
    """True if texts are lower-cased before they are tokenized."""


def read_modules(folder: Path, *, pooling: str | None = None) -> SentenceModules | None:
    """Returns the settings of a sentence-transformers checkpoint; None if the folder is not one.

    ``pooling`` overrules the checkpoint's own pooling, which Linnet may not know; None keeps it.

    Raises:
        CheckpointError: Linnet does not support a module, or the files are not valid.
    """
    if not (folder / MODULES).is_file():
        return None
    named = _named_modules(folder)
    kinds = [kind for kind, _ in named]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise CheckpointError(
            f"{folder / MODULES}: expected the modules Transformer, Pooling and optionally Normalize, "
            f"found {', '.join(kinds)}; Linnet does not support the others"
        )
    _refuse_prompt(folder)
    transformer = named[0][1]
    limits = _limits(transformer)
    return SentenceModules(
        transformer=transformer,
        pooling=pooling or _pooling(named[1][1] / "config.json"),
        normalize="Normalize" in kinds,
        max_length=limits.get("max_seq_length"),
        lowercase=bool(limits.get("do_lower_case")),
    )


def module_folder(folder: Path) -> Path:
    """Returns the folder of the encoder: the one that ``modules.json`` names, else the folder itself.

    Raises:
        CheckpointError: ``modules.json`` is not valid.
    """
    named = _named_modules(folder) if (folder / MODULES).is_file() else []
    return next((path for kind, path in named if kind == "Transformer"), folder)


def _named_modules(folder: Path) -> list[tuple[str, Path]]:
    """Returns the kind and the folder of each module."""
    modules = _read(folder / MODULES, list)
    try:
        named = [(str(module["type"]).rsplit(".", 1)[-1], folder / module["path"]) for module in modules]
    except (AttributeError, TypeError, KeyError):
        raise CheckpointError(
            f"{folder / MODULES}: expected a list of modules with type and path; copy the checkpoint again"
        ) from None
    if outside := [
        path for _, path in named if not path.is_relative_to(folder) or ".." in path.relative_to(folder).parts
    ]:
        raise CheckpointError(
            f"{folder / MODULES}: expected modules in the checkpoint's folder, found {outside[0]}; fix its path"
        )
    return named


def _pooling(file: Path) -> str:
    config = _read(file, dict)
    if "pooling_mode" in config:  # the format of sentence-transformers 5
        modes = [str(config["pooling_mode"])]
    else:
        modes = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
        modes = [_POOLING_FLAGS.get(mode, mode) for mode in modes]
    if len(modes) != 1 or modes[0] not in _POOLING_FLAGS.values():
        raise CheckpointError(
            f"{file}: expected one of the poolings {', '.join(sorted(_POOLING_FLAGS.values()))}, "
            f"found {' and '.join(modes) or 'none'}, which Linnet does not have; to use another one: --pooling NAME"
        )
    return modes[0]


def _limits(transformer: Path) -> dict[str, Any]:
    file = next((transformer / name for name in _LENGTH_FILES if (transformer / name).is_file()), None)
    limits: dict[str, Any] = _read(file, dict) if file else {}
    length = limits.get("max_seq_length")
    if length is not None and (not isinstance(length, int) or isinstance(length, bool)):
        raise CheckpointError(f"{file}: expected max_seq_length to be a whole number of tokens, found {length!r}")
    return limits


def _refuse_prompt(folder: Path) -> None:
    """Raises if a default prompt is set: it is part of the model, and Linnet does not add it to texts."""
    file = folder / "config_sentence_transformers.json"
    prompt = _read(file, dict).get("default_prompt_name") if file.is_file() else None
    if prompt:
        raise CheckpointError(
            f"{file}: expected no default prompt, found {prompt!r}; set default_prompt_name to null, "
            "and put the prompt before your texts yourself"
        )


def _read(file: Path, kind: type[_T]) -> _T:
    try:
        value = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{file}: expected JSON: {error}; copy the checkpoint again") from error
    if not isinstance(value, kind):
        raise CheckpointError(f"{file}: expected a JSON {kind.__name__}, found {value!r}; copy the checkpoint again")
    return value
