"""``linnet embed``."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import tee

from linnet import parquet, vector_outputs
from linnet.bundle import EMBEDDING
from linnet.command import DONE
from linnet.completeness import Completeness
from linnet.embedder import Embedder
from linnet.errors import InputError
from linnet.files import written_whole
from linnet.text_arguments import check_text_arguments, open_bundle_for, open_texts, suffix_of
from linnet.vector_outputs import Embedding, Write


def run_embed(args: argparse.Namespace) -> int:
    """Embeds the texts that the arguments name, as they come in."""
    _check_arguments(args)
    with ExitStack() as stack:
        texts = open_texts(args, stack)
        embedder = Embedder(open_bundle_for(EMBEDDING, args.bundle), threads=args.threads)
        write = _writer(args, embedder.dimension, stack)
        completeness = stack.enter_context(
            Completeness(embedder.bundle, partial(embedder.encode, preprocess=not args.no_preprocess))
        )
        for part in texts:
            shown, embedded = tee(part)
            for found in _STREAMS[args.per](embedder, embedded, preprocess=not args.no_preprocess):
                text = next(shown)
                write(text, found)
                completeness.count(text)
            if not args.output:
                sys.stdout.flush()
    return DONE


_STREAMS: dict[str, Callable[..., Iterator[Embedding]]] = {
    "text": Embedder.stream,
    "token": Embedder.stream_tokens,
    "word": Embedder.stream_words,
}


def _check_arguments(args: argparse.Namespace) -> None:
    """What can be said before a model is loaded."""
    check_text_arguments(args, vector_outputs.WRITABLE)
    suffix = suffix_of(args.output)
    if not args.bundle:
        raise InputError(
            "linnet embed expects an embedding bundle, and the embedded default is a classifier: name one with --bundle, "
            "which linnet-export convert --task feature-extraction writes"
        )
    if suffix == ".npy" and args.per != "text":
        raise InputError(
            f"--output {args.output}: an array has one vector a text, and --per {args.per} gives several: "
            "name a .jsonl or .parquet file"
        )
    if suffix == ".parquet":
        parquet.require_pyarrow()


def _writer(args: argparse.Namespace, dimension: int, stack: ExitStack) -> Write:
    """How a text and its vectors are written; the stack ends it."""
    suffix = suffix_of(args.output)
    if suffix == ".npy":
        return stack.enter_context(vector_outputs.npy_file(args.output, dimension))
    if suffix == ".parquet":
        return stack.enter_context(parquet.parquet_file(args.output, dimension, several=args.per != "text"))
    return vector_outputs.json_lines(stack.enter_context(written_whole(args.output)) if args.output else sys.stdout)
