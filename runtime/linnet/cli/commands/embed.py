"""The command ``linnet embed``."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from ...errors import InputError
from ...installation import PROGRAM
from ...models.embedder import Embedder
from ...system.files import written_whole
from ...tasks import EMBEDDING
from ..answering import answer
from ..command import DONE
from ..formats import parquet
from ..formats import vectors as vector_outputs
from ..formats.vectors import Embedding, Write
from ..text_arguments import check_text_arguments, open_bundle_for, open_texts, suffix_of, tell_written


def run_embed(args: argparse.Namespace) -> int:
    """Embeds the texts that the arguments name, as they arrive; returns the exit status."""
    _check_arguments(args)
    with ExitStack() as stack:
        texts = open_texts(args, stack)
        embedder = Embedder(open_bundle_for(EMBEDDING, args.bundle), threads=args.threads)
        write = _writer(args, embedder.dimension, stack)
        flush = _nothing if args.output else sys.stdout.flush
        stream = _STREAMS[args.per](embedder)
        count = answer(texts, stream, write, flush, preprocess=not args.no_preprocess)
    tell_written(count, args.output)
    return DONE


_STREAMS: dict[str, Callable[[Embedder], Callable[..., Iterator[Embedding]]]] = {
    "text": lambda embedder: embedder.stream,
    "token": lambda embedder: embedder.stream_tokens,
    "word": lambda embedder: embedder.stream_words,
}


def _nothing() -> None:
    """Leaves a file's buffer as it is: the file appears whole at the end."""


def _check_arguments(args: argparse.Namespace) -> None:
    """Checks the arguments before a model is loaded."""
    check_text_arguments(args, vector_outputs.WRITABLE)
    suffix = suffix_of(args.output)
    if not args.bundle:
        raise InputError(
            f"{PROGRAM} embed expects an embedding bundle, and the embedded default is a classifier: "
            "name a bundle with --bundle; linnet-export convert --task feature-extraction writes one"
        )
    if suffix == ".npy" and args.per != "text":
        raise InputError(
            f"--output {args.output}: a .npy file has one vector per text, and --per {args.per} gives several: "
            "name a .jsonl or .parquet file"
        )
    if suffix == ".parquet":
        parquet.require_pyarrow()


def _writer(args: argparse.Namespace, dimension: int, stack: ExitStack) -> Write:
    """Returns the function that writes a text and its vectors; the stack closes its file."""
    suffix = suffix_of(args.output)
    if suffix == ".npy":
        return stack.enter_context(vector_outputs.npy_file(args.output, dimension))
    if suffix == ".parquet":
        return stack.enter_context(parquet.parquet_file(args.output, dimension, several=args.per != "text"))
    return vector_outputs.json_lines(stack.enter_context(written_whole(args.output)) if args.output else sys.stdout)
