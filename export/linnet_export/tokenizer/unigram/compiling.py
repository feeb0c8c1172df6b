"""Compiles ``tokenizer.json`` into a compact file in the same folder, if the two are equivalent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from linnet.names import COMPACT_TOKENIZER, TOKENIZER
from tokenizers import Tokenizer

from linnet_export.tokenizer.unigram.pipeline import Pipeline, UnsupportedError, read_pipeline
from linnet_export.tokenizer.unigram.verification import first_difference
from linnet_export.tokenizer.unigram.writer import compact_tokenizer


def write_compact_tokenizer(
    bundle: Path, whole: Mapping[str, Any] | None = None, kept: Sequence[int] = ()
) -> str | None:
    """Writes a bundle's compact tokenizer; returns a remark if a Unigram model cannot have one and loads slowly.

    The file is kept only if it gives the same ids, tokens and offsets as `tokenizers`.

    Args:
        bundle: a folder with a ``tokenizer.json``.
        whole: the JSON of the checkpoint's tokenizer, if the bundle has only some of its pieces.
        kept: for each id of the checkpoint's tokenizer, the bundle's id or -1.
    """
    tokenizer = Tokenizer.from_file(str(bundle / TOKENIZER))
    # Not parsed from the file: `tokenizers` and Python read some scores as different numbers.
    state = json.loads(tokenizer.to_str())
    if state["model"]["type"] != "Unigram":
        return None
    file = bundle / COMPACT_TOKENIZER
    try:
        pipeline = read_pipeline(state)
        written = _of_the_whole(pipeline, whole["model"]["vocab"], kept) if whole else pipeline
        file.write_bytes(compact_tokenizer(written, kept))
        if (text := first_difference(tokenizer, file, pipeline)) is not None:
            raise UnsupportedError(f"a compact tokenizer encodes {text[:80]!r} differently")
    except UnsupportedError as error:
        file.unlink(missing_ok=True)
        return f"no {COMPACT_TOKENIZER}: {error}; the bundle uses tokenizers instead and loads more slowly"
    return None


def _of_the_whole(pipeline: Pipeline, vocab: Sequence[tuple[str, float]], kept: Sequence[int]) -> Pipeline:
    """Returns the bundle's pipeline with all pieces of the checkpoint, under the checkpoint's ids."""
    scores = [pipeline.scores[new] if new >= 0 else score for (_, score), new in zip(vocab, kept, strict=False)]
    pieces = {piece: index for index, (piece, _) in enumerate(vocab) if piece}
    return replace(pipeline, pieces=pieces, scores=scores, unk_id=list(kept).index(pipeline.unk_id))
