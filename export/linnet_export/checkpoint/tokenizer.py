"""Reads a checkpoint's own tokenizer, and makes a fast one with the same ids."""

from pathlib import Path

from transformers import AutoTokenizer, BertweetTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from linnet_export.errors import CheckpointError, first_line
from linnet_export.quiet import quiet
from linnet_export.source.files import VOCABULARY
from linnet_export.tokenizer.bertweet import fast_bertweet

_TOKENIZER_FILES = (
    "the files of a tokenizer (tokenizer.json, vocab.json and merges.txt, vocab.txt, vocab.txt and bpe.codes, "
    "or sentencepiece.bpe.model)"
)


def read_tokenizer(path: Path, tokenizer_class: str | None) -> PreTrainedTokenizerBase:
    """Returns the checkpoint's own tokenizer; BERTweet's tweet normalization is off, because it is preprocessing.

    Raises:
        CheckpointError: the tokenizer's files are missing or not valid.
    """
    if not any((path / name).is_file() for name in VOCABULARY):
        raise CheckpointError(f"{path}: expected {_TOKENIZER_FILES}, found none of them; copy them beside config.json")
    try:
        with quiet():
            tokenizer = _original_tokenizer(path)
    except ImportError as error:
        name = tokenizer_class or "its tokenizer"
        raise CheckpointError(f"{path}: {name} needs a package that is not installed: {first_line(error)}") from error
    except Exception as error:  # transformers and tokenizers raise many types
        raise CheckpointError(
            f"{path}: expected {_TOKENIZER_FILES}: {first_line(error)}; copy them beside config.json"
        ) from error
    if isinstance(tokenizer, BertweetTokenizer):
        tokenizer.normalization = False
    return tokenizer


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
        _check_ids(path, original, vocab_size)
        return original
    if not isinstance(original, BertweetTokenizer):
        raise CheckpointError(
            f"{path}: expected a tokenizer that can be written as tokenizer.json, found "
            f"{type(original).__name__}; neither transformers nor Linnet has a fast tokenizer of this type"
        )
    try:
        return fast_bertweet(original, vocab_size)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None


def _check_case(path: Path, tokenizer: PreTrainedTokenizerFast, *, lowercase: bool) -> None:
    normalizer = tokenizer.backend_tokenizer.normalizer
    lowers = normalizer is not None and normalizer.normalize_str("A") == "a"
    if lowercase and not lowers:
        raise CheckpointError(
            f"{path}: do_lower_case makes sentence-transformers lower-case texts before a case-sensitive tokenizer, "
            "which Linnet does not do; set do_lower_case to false, and lower-case your texts yourself"
        )


def _check_ids(path: Path, tokenizer: PreTrainedTokenizerFast, vocab_size: int) -> None:
    token, largest = max(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    if largest >= vocab_size:
        raise CheckpointError(
            f"{path}: expected a tokenizer with ids below {vocab_size}, the vocab_size in config.json, found {largest} "
            f"for {token!r}, which the model cannot read; remove it from the tokenizer's files"
        )


def _original_tokenizer(path: Path) -> PreTrainedTokenizerBase:
    try:
        return AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)  # type: ignore[no-any-return]
    except Exception:
        if not (path / "bpe.codes").is_file():
            raise
        return BertweetTokenizer.from_pretrained(path, local_files_only=True)  # type: ignore[no-any-return]  # no file names this class
