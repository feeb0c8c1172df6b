"""Reads a checkpoint's own tokenizer, and makes a fast one with the same ids."""

import json
from pathlib import Path
from typing import Any

from tokenizers.models import BPE
from transformers import (
    AutoTokenizer,
    BertweetTokenizer,
    PretrainedConfig,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from linnet_export.errors import CheckpointError, first_line, translated
from linnet_export.quiet import quiet
from linnet_export.source.files import VOCABULARY
from linnet_export.source.intact import read_object
from linnet_export.tokenizer.bertweet import fast_bertweet

_TOKENIZER_FILES = (
    "the files of a tokenizer (tokenizer.json, vocab.json and merges.txt, vocab.txt, vocab.txt and bpe.codes, "
    "or sentencepiece.bpe.model)"
)
_FEW_PIECES = 20
"""How many pieces may have no merge, such as special tokens and those without a use."""
_NEWER_NAME = "TokenizersBackend"
"""The name that transformers 5 writes for the class `PreTrainedTokenizerFast`."""


def read_tokenizer(path: Path, config: PretrainedConfig) -> PreTrainedTokenizerBase:
    """Returns the checkpoint's own tokenizer; BERTweet's tweet normalization is off, because it is preprocessing.

    Raises:
        CheckpointError: the tokenizer's files are missing or not valid.
    """
    if not any((path / name).is_file() for name in VOCABULARY):
        raise CheckpointError(f"{path}: expected {_TOKENIZER_FILES}, found none of them; copy them beside config.json")
    try:
        with translated(f"{path}: expected {_TOKENIZER_FILES}", "copy them beside config.json"), quiet():
            tokenizer = _original_tokenizer(path, config)
    except CheckpointError as error:
        if not isinstance(error.__cause__, ImportError):
            raise
        name = config.tokenizer_class or "its tokenizer"
        raise CheckpointError(
            f"{path}: {name} needs a package that is not installed: {first_line(error.__cause__)}"
        ) from error
    if isinstance(tokenizer, BertweetTokenizer):
        tokenizer.normalization = False
    _check_ids(path, tokenizer, config.vocab_size)
    return tokenizer


def _check_ids(path: Path, tokenizer: PreTrainedTokenizerBase, rows: int) -> None:
    """Checks the ids before anything is made of them: a table up to a wrong id may not fit into memory."""
    ids = tokenizer.get_vocab().values()
    if wrong := [index for index in ids if not isinstance(index, int) or index < 0]:
        raise CheckpointError(f"{path}: expected ids from 0 up in the tokenizer's files, found {wrong[0]!r}; fix it")
    if (greatest := max(ids, default=0)) >= rows:
        raise CheckpointError(
            f"{path}: the tokenizer gives ids up to {greatest}, and the embedding has {rows} rows; "
            "resize it first: model.resize_token_embeddings(len(tokenizer))"
        )


def check_special_tokens(path: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """Checks that an empty text has ids: without any, no model can read it.

    Raises:
        CheckpointError: the tokenizer adds no special tokens.
    """
    with translated(f"{path}: the tokenizer cannot encode a text", "copy the files of the tokenizer again"):
        ids = tokenizer("")["input_ids"]
    if not ids:
        raise CheckpointError(
            f"{path}: expected a tokenizer that adds special tokens, such as {tokenizer.cls_token or '[CLS]'}, found "
            "one that adds none, so the model cannot read an empty text; add a post_processor to tokenizer.json "
            "(tokenizers.processors.TemplateProcessing), with which the model was trained"
        )


def check_merges(path: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """Checks that the merges make the pieces of the vocabulary: a file that was cut is still a valid one.

    Raises:
        CheckpointError: too many pieces have no merge.
    """
    if not isinstance(tokenizer, PreTrainedTokenizerFast) or not isinstance(tokenizer.backend_tokenizer.model, BPE):
        return
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    made = {"".join(merge.split(" ") if isinstance(merge, str) else merge) for merge in model["merges"]}
    added = tokenizer.get_added_vocab()
    unmade = [piece for piece in model["vocab"] if len(piece) > 1 and piece not in made and piece not in added]
    if len(unmade) > max(_FEW_PIECES, len(model["vocab"]) // 20):
        raise CheckpointError(
            f"{path}: expected merges for the pieces of the vocabulary, found none for {len(unmade):,} of "
            f"{len(model['vocab']):,} (such as {unmade[-1]!r}); copy merges.txt and vocab.json again"
        )


def fast_tokenizer(
    path: Path, original: PreTrainedTokenizerBase, vocab_size: int, *, lowercase: bool
) -> PreTrainedTokenizerFast:
    """Returns the original tokenizer if it is fast, else a fast one with the same ids.

    Args:
        path: the checkpoint's folder.
        original: the checkpoint's own tokenizer.
        vocab_size: the number of rows of the embedding table.
        lowercase: True if sentence-transformers lower-cases texts before it tokenizes them.

    Raises:
        CheckpointError: no fast tokenizer exists, or none with the same ids.
    """
    if isinstance(original, PreTrainedTokenizerFast):
        _check_case(path, original, lowercase=lowercase)
        return original
    if not isinstance(original, BertweetTokenizer):
        raise CheckpointError(
            f"{path}: expected a tokenizer that can be written as tokenizer.json, found "
            f"{type(original).__name__}; neither transformers nor Linnet has a fast tokenizer of this type"
        )
    try:
        with translated("vocab.txt and bpe.codes make no tokenizer", "copy them again"):
            return fast_bertweet(original, vocab_size)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error


def _check_case(path: Path, tokenizer: PreTrainedTokenizerFast, *, lowercase: bool) -> None:
    normalizer = tokenizer.backend_tokenizer.normalizer
    lowers = normalizer is not None and normalizer.normalize_str("A") == "a"
    if lowercase and not lowers:
        raise CheckpointError(
            f"{path}: do_lower_case makes sentence-transformers lower-case texts before a case-sensitive tokenizer, "
            "which Linnet does not do; set do_lower_case to false, and lower-case your texts yourself"
        )


def _original_tokenizer(path: Path, config: PretrainedConfig) -> PreTrainedTokenizerBase:
    renamed = _renamed_by_transformers_5(path)
    try:
        return AutoTokenizer.from_pretrained(  # type: ignore[no-any-return]
            path, config=config, local_files_only=True, trust_remote_code=False, **renamed
        )
    except Exception as error:
        if (path / "bpe.codes").is_file():  # no file names this class
            return BertweetTokenizer.from_pretrained(path, local_files_only=True)  # type: ignore[no-any-return]
        if _NEWER_NAME in str(error) and (path / "tokenizer.json").is_file():
            return PreTrainedTokenizerFast.from_pretrained(path, local_files_only=True, **renamed)  # type: ignore[no-any-return]
        raise


def _renamed_by_transformers_5(path: Path) -> dict[str, Any]:
    """Returns the settings that transformers 5 writes under names that have another meaning in this version."""
    file = path / "tokenizer_config.json"
    listed = read_object(file).get("extra_special_tokens") if file.is_file() else None
    return {"additional_special_tokens": listed, "extra_special_tokens": {}} if isinstance(listed, list) else {}
