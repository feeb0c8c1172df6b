"""Compiles ``tokenizer.json`` into the compact file beside it, if that can stand for it."""

import json
from pathlib import Path

from linnet.layout import COMPACT_TOKENIZER, TOKENIZER
from tokenizers import Tokenizer

from linnet_export.unigram.pipeline import UnsupportedError, read_pipeline
from linnet_export.unigram.verification import first_difference
from linnet_export.unigram.writer import compact_tokenizer


def write_compact_tokenizer(bundle: Path) -> str | None:
    """Writes the compact tokenizer of a bundle; gives a remark if a Unigram model has none, for it loads slowly.

    It is only kept if it proved to give the same ids, tokens and offsets as `tokenizers`.
    """
    tokenizer = Tokenizer.from_file(str(bundle / TOKENIZER))
    # Not the file's own digits: `tokenizers` reads some scores as another number than Python does.
    state = json.loads(tokenizer.to_str())
    if state["model"]["type"] != "Unigram":
        return None
    file = bundle / COMPACT_TOKENIZER
    try:
        pipeline = read_pipeline(state)
        file.write_bytes(compact_tokenizer(pipeline))
        if (text := first_difference(tokenizer, file, pipeline)) is not None:
            raise UnsupportedError(f"a compact tokenizer reads {text!r} in another way")
    except UnsupportedError as error:
        file.unlink(missing_ok=True)
        return f"no {COMPACT_TOKENIZER}: {error}; the bundle loads more slowly, with tokenizers"
    return None
