"""Compiles ``tokenizer.json`` into the compact file beside it, if that can stand for it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from linnet.layout import COMPACT_TOKENIZER, TOKENIZER
from tokenizers import Tokenizer

from linnet_export.unigram.pipeline import Pipeline, UnsupportedError, read_pipeline
from linnet_export.unigram.verification import first_difference
from linnet_export.unigram.writer import compact_tokenizer


def write_compact_tokenizer(
    bundle: Path, whole: Mapping[str, Any] | None = None, kept: Sequence[int] = ()
) -> str | None:
    """Writes the compact tokenizer of a bundle; gives a remark if a Unigram model has none, for it loads slowly.

    It is only kept if it proved to give the same ids, tokens and offsets as `tokenizers`.

    Args:
        bundle: a folder with its ``tokenizer.json``.
        whole: the JSON of the checkpoint's tokenizer, where the bundle's has only some of its pieces.
        kept: by the id of that one, the bundle's, or -1.
    """
    tokenizer = Tokenizer.from_file(str(bundle / TOKENIZER))
    # Not the file's own digits: `tokenizers` reads some scores as another number than Python does.
    state = json.loads(tokenizer.to_str())
    if state["model"]["type"] != "Unigram":
        return None
    file = bundle / COMPACT_TOKENIZER
    try:
        pipeline = read_pipeline(state)
        written = _of_the_whole(pipeline, whole["model"]["vocab"], kept) if whole else pipeline
        file.write_bytes(compact_tokenizer(written, kept))
        if (text := first_difference(tokenizer, file, pipeline)) is not None:
            raise UnsupportedError(f"a compact tokenizer reads {text!r} in another way")
    except UnsupportedError as error:
        file.unlink(missing_ok=True)
        return f"no {COMPACT_TOKENIZER}: {error}; the bundle loads more slowly, with tokenizers"
    return None


def _of_the_whole(pipeline: Pipeline, vocab: Sequence[tuple[str, float]], kept: Sequence[int]) -> Pipeline:
    """The bundle's pipeline with all pieces of the checkpoint's under their ids there."""
    scores = [pipeline.scores[new] if new >= 0 else score for (_, score), new in zip(vocab, kept, strict=False)]
    pieces = {piece: index for index, (piece, _) in enumerate(vocab) if piece}
    return replace(pipeline, pieces=pieces, scores=scores, unk_id=list(kept).index(pipeline.unk_id))
