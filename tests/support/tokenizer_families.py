"""A small tokenizer of each family that bundles have."""

import json
from collections.abc import Callable
from pathlib import Path

from checkpoints import ARCHITECTURES
from linnet.names import COMPACT_TOKENIZER, TOKENIZER
from linnet.tokenization.encoding import TextTokenizer
from linnet.tokenization.tokenizer import Tokenizer
from linnet.tokenization.unigram import UnigramTokenizer
from linnet_export.tokenizer.bertweet import fast_bertweet
from linnet_export.tokenizer.json_file import save_exactly
from linnet_export.tokenizer.unigram.pipeline import read_pipeline
from linnet_export.tokenizer.unigram.writer import compact_tokenizer
from tokenizers import Tokenizer as Library
from transformers import BertweetTokenizer, PreTrainedTokenizerFast

FAMILIES = ("bert", "roberta", "bertweet", "xlm-roberta", "compact")

Make = Callable[[int, str], TextTokenizer]
"""Returns a tokenizer with a maximum length that truncates on a side."""


def write_families(folder: Path) -> dict[str, Make]:
    """Trains the tokenizers, and returns a function for each that makes one of a length and a side."""
    return {name: _made(name, folder / name) for name in FAMILIES}


def library_tokenizer(architecture: str, folder: Path) -> Library:
    """Returns the trained tokenizer of an architecture, which neither truncates nor pads."""
    folder.mkdir(parents=True)
    ARCHITECTURES[architecture].config(**ARCHITECTURES[architecture].settings).save_pretrained(folder)
    found = ARCHITECTURES[architecture].write_tokenizer(folder)
    if isinstance(found, BertweetTokenizer):
        found = fast_bertweet(found, 0)
    assert isinstance(found, PreTrainedTokenizerFast)
    tokenizer: Library = found.backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _made(name: str, folder: Path) -> Make:
    tokenizer = library_tokenizer("xlm-roberta" if name == "compact" else name, folder)
    if name == "compact":
        compact = folder / COMPACT_TOKENIZER
        compact.write_bytes(compact_tokenizer(read_pipeline(json.loads(tokenizer.to_str()))))
        return lambda length, side: UnigramTokenizer(compact, max_length=length, truncation_side=side)
    save_exactly(tokenizer, folder / TOKENIZER)
    content = (folder / TOKENIZER).read_bytes()
    return lambda length, side: Tokenizer(content, max_length=length, truncation_side=side)
