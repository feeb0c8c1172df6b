"""Selects the files of a repository or a folder that a conversion reads."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

CARD = "README.md"
CONFIG = "config.json"

WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
"""Weight files in order of preference: one file, or an index with its shards in the same folder."""

VOCABULARY = (
    *("tokenizer.json", "vocab.json", "merges.txt", "vocab.txt", "bpe.codes"),
    *("sentencepiece.bpe.model", "sentencepiece.model", "spiece.model", "spm.model", "tokenizer.model"),
)
"""The vocabulary files of fast and slow tokenizers."""

TOKENIZER = (*VOCABULARY, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
"""The vocabulary files and the settings files of tokenizers."""

_SENTENCE_TRANSFORMERS = ("modules.json", "config_sentence_transformers.json")
_TRANSFORMER_SETTINGS = re.compile(r"sentence_[\w-]+_config\.json")
_MODULE_SETTINGS = re.compile(r"\d+_\w+/config\.json")
_TRANSFORMER_FOLDER = re.compile(r"(\d+_Transformer)/config\.json")
_LICENCE = re.compile(r"(licen[cs]e|notice|copying)s?([._ -][\w .-]*?)?(\.(txt|md|rst))?", re.IGNORECASE)
_NO_TEXT = re.compile(r".*\.(bin|csv|h5|json|jsonl|msgpack|onnx|pt|py|safetensors|tsv|yaml|yml)", re.IGNORECASE)
_SHARD = re.compile(r"(?P<stem>[\w-]+?)-(?P<number>\d+)-of-(?P<total>\d+)\.(?P<kind>safetensors|bin)")


def conversion_files(paths: Iterable[str]) -> list[str]:
    """Returns the paths that a conversion reads, sorted: one kind of weights, no weights for other frameworks.

    Args:
        paths: every file of a repository or folder, relative to it, with ``/`` between names.
    """
    present = frozenset(paths)
    folder = transformer_folder(present)
    inside = {path[len(folder) :] for path in present if path.startswith(folder)}
    wanted = {name for name in inside if _is_of_transformer(name)} | set(weight_files(inside))
    return sorted({folder + name for name in wanted} | {path for path in present if _is_of_repository(path)})


def statement_files(paths: Iterable[str]) -> list[str]:
    """Returns the paths of the model card and the licence texts, sorted."""
    return sorted(path for path in set(paths) if path == CARD or is_licence(path))


def is_weights(path: str) -> bool:
    """Returns True if the file holds weights."""
    return path.endswith((".safetensors", ".bin"))


def is_licence(path: str) -> bool:
    """Returns True if the file's name is that of a licence text at the top level (others cover something else)."""
    return _LICENCE.fullmatch(path) is not None and _NO_TEXT.fullmatch(path) is None


def transformer_folder(paths: Iterable[str]) -> str:
    """Returns the folder of the transformer's files: ``""``, or ``"0_Transformer/"`` (old sentence-transformers).

    A repository with such a folder may also have a ``config.json`` at the top, but no weights there.
    """
    present = frozenset(paths)
    folders = sorted(match[1] + "/" for match in map(_TRANSFORMER_FOLDER.fullmatch, present) if match)
    return "" if not folders or (CONFIG in present and weight_files(present)) else folders[0]


def weight_files(names: Iterable[str]) -> list[str]:
    """Returns the weight files in one folder that transformers would read; an index comes with its shards."""
    present = frozenset(names)
    chosen = next((name for name in WEIGHTS if name in present), None)
    if chosen is None or not chosen.endswith(".index.json"):
        return [chosen] if chosen else []
    weights = PurePosixPath(chosen.removesuffix(".index.json"))
    shards = (match for match in map(_SHARD.fullmatch, present) if match)
    return [chosen, *(match[0] for match in shards if f"{match['stem']}.{match['kind']}" == weights.name)]


def lacking(paths: Iterable[str]) -> list[str]:
    """Returns short descriptions of required files that are missing; empty if the paths may be a checkpoint."""
    present = frozenset(paths)
    folder = transformer_folder(present)
    inside = {path[len(folder) :] for path in present if path.startswith(folder)}
    found = [] if CONFIG in inside else [CONFIG]
    if not (weights := weight_files(inside)):
        found.append(f"weights ({WEIGHTS[0]} or {WEIGHTS[2]})")
    found += _missing_shards(weights)
    if not _has_vocabulary(inside):
        found.append("a tokenizer (tokenizer.json; vocab.json and merges.txt; vocab.txt; or sentencepiece.bpe.model)")
    return found


def _is_of_transformer(name: str) -> bool:
    return name == CONFIG or name in TOKENIZER or _TRANSFORMER_SETTINGS.fullmatch(name) is not None


def _is_of_repository(path: str) -> bool:
    if path == CARD or is_licence(path) or path in _SENTENCE_TRANSFORMERS:
        return True
    return _MODULE_SETTINGS.fullmatch(path) is not None and _TRANSFORMER_FOLDER.fullmatch(path) is None


def _missing_shards(weights: list[str]) -> list[str]:
    shards = [match for match in map(_SHARD.fullmatch, weights) if match]
    if weights and weights[0].endswith(".index.json") and not shards:
        return [f"the shards that {weights[0]} lists"]
    names = {
        f"{shard['stem']}-{number:0{len(shard['number'])}}-of-{shard['total']}.{shard['kind']}"
        for shard in shards
        for number in range(1, int(shard["total"]) + 1)
    }
    return sorted(names - set(weights))


def _has_vocabulary(names: set[str]) -> bool:
    single = {"tokenizer.json", "vocab.txt", *(name for name in TOKENIZER if name.endswith(".model"))}
    return bool(single & names) or {"vocab.json", "merges.txt"} <= names
