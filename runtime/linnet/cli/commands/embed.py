"""The command ``linnet embed``."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from ...errors import InputError
from ...installation import PROGRAM
from ...models.embedder import Embedder
from ...tasks import EMBEDDING
from ..answering import answer_all
from ..command import DONE
from ..outputs.kinds import OF_VECTORS
from ..outputs.opening import Job
from ..outputs.vectors import Embedding, vector_answers
from ..text_arguments import check_text_arguments, open_bundle_for, open_texts


def run_embed(args: argparse.Namespace) -> int:
    """Embeds the texts that the arguments name, as they arrive; returns the exit status."""
    _check_arguments(args)
    with ExitStack() as stack:
        source, parts = open_texts(args, stack)
        embedder = Embedder(open_bundle_for(EMBEDDING, args.bundle), threads=args.threads)
        answers = vector_answers(embedder.dimension, several=args.per != "text")
        job = Job(args, source, answers, embedder.bundle, dimension=embedder.dimension)
        tell = answer_all(job, parts, _STREAMS[args.per](embedder), stack)
    tell()
    return DONE


_STREAMS: dict[str, Callable[[Embedder], Callable[..., Iterator[Embedding]]]] = {
    "text": lambda embedder: embedder.stream,
    "token": lambda embedder: embedder.stream_tokens,
    "word": lambda embedder: embedder.stream_words,
}


def _check_arguments(args: argparse.Namespace) -> None:
    """Checks the arguments before a model is loaded."""
    check_text_arguments(args, OF_VECTORS, default="jsonl")
    if not args.bundle:
        raise InputError(
            f"{PROGRAM} embed expects an embedding bundle, and the embedded default is a classifier: "
            "name a bundle with --bundle; linnet-export convert --task feature-extraction writes one"
        )
    if args.kind == "npy" and args.per != "text":
        raise InputError(
            f"--output {args.output}: a .npy file has one vector per text, and --per {args.per} gives several: "
            "name a .jsonl or .parquet file"
        )
