"""A small Unigram tokenizer and its compact file, and the same file with other content and the right checksum."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from linnet.names import COMPACT_TOKENIZER, TOKENIZER
from linnet.tokenization.unigram.layout import DTYPES, HEAD
from linnet_export.tokenizer.unigram import write_compact_tokenizer
from linnet_export.tokenizer.unigram.charsmap import make_charsmap
from linnet_export.tokenizer.unigram.writer import assembled
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import Precompiled
from tokenizers.pre_tokenizers import Metaspace
from tokenizers.processors import TemplateProcessing

Arrays = dict[str, npt.NDArray[Any]]

_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
_PIECES = ["▁", *"abcdefghij", "▁a", "ab", "abc", "▁good", "cde", "é", "1", "▁news"]
TEXTS = ["", "abc good news", "a" * 300, "① é zzz <s>", "\u2122 ab  cd", "abcdefghij" * 40, "x y z"]


def write_small_unigram(folder: Path) -> Path:
    """Writes a ``tokenizer.json`` and its compact file; returns the path of the compact file."""
    vocab = [(token, 0.0) for token in _SPECIAL] + [(piece, -1.0 - n / 8) for n, piece in enumerate(_PIECES)]
    tokenizer = Tokenizer(Unigram(vocab, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = Precompiled(make_charsmap({"①": "1", "™": "ab", "e\u0301": "é"}))
    tokenizer.pre_tokenizer = Metaspace()
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in _SPECIAL])
    tokenizer.save(str(folder / TOKENIZER))
    remark = write_compact_tokenizer(folder)
    assert remark is None, remark
    return folder / COMPACT_TOKENIZER


def taken_apart(content: bytes) -> tuple[dict[str, Any], Arrays]:
    """The settings and the arrays of a compact file, to be changed."""
    *_, size = HEAD.unpack_from(content)
    start = HEAD.size + size
    values = json.loads(content[HEAD.size : start])
    arrays = {}
    for name, (offset, count) in values.pop("arrays").items():
        arrays[name] = np.frombuffer(content, DTYPES[name], count, start + offset).copy()
    return values, arrays


def put_together(values: dict[str, Any], arrays: Arrays) -> bytes:
    """A compact file with these settings and arrays, and with its checksum."""
    return assembled(values, arrays)
