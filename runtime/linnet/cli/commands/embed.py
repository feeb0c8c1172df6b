"""The command ``linnet embed``."""

import argparse
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial

from ...errors import InputError
from ...installation import PROGRAM
from ...models.embedder import Embedder
from ...postprocessing.windows import TRUNCATE
from ...tasks import EMBEDDING
from ...tokenization.encoding import Read, Tally
from ..answering import answer_all
from ..command import DONE
from ..long_texts import SPLIT, check_long, long_of
from ..outputs.kinds import OF_VECTORS
from ..outputs.opening import Job
from ..outputs.vectors import Embedded, Embedding, vector_answers
from ..text_arguments import check_text_arguments, into_stream, open_bundle_for, open_texts


def run_embed(args: argparse.Namespace) -> int:
    """Embeds the texts that the arguments name, as they arrive; returns the exit status."""
    _check_arguments(args)
    with ExitStack() as stack:
        source, parts = open_texts(args, stack)
        embedder = Embedder(open_bundle_for(EMBEDDING, args.bundle), threads=args.threads)
        truncated = not into_stream(args) and args.kind != "npy"
        answers = vector_answers(embedder.dimension, several=_gives_several(args), truncated=truncated)
        job = Job(args, source, answers, embedder.bundle, dimension=embedder.dimension)
        stream = _stream(args, embedder)
        tell = answer_all(job, parts, _with_states(stream) if truncated else stream, stack)
    tell()
    return DONE


class _States(Tally):
    """Counts how texts were read, and keeps which of them were truncated until they are asked for."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self.tally, self.truncated_of = tally, deque[bool]()

    def add(self, read: Iterable[Read]) -> None:
        """Counts texts."""
        texts = list(read)
        self.tally.add(texts)
        self.truncated_of.extend(text.truncated for text in texts)


def _with_states(stream: Callable[..., Iterator[Embedding]]) -> Callable[..., Iterator[Embedded]]:
    """Returns a function that also says of each text whether it was truncated."""

    def embedded(texts: Iterator[str], *, preprocess: bool, tally: Tally) -> Iterator[Embedded]:
        states = _States(tally)
        for found in stream(texts, preprocess=preprocess, tally=states):
            yield Embedded(found, states.truncated_of.popleft())

    return embedded


def _stream(args: argparse.Namespace, embedder: Embedder) -> Callable[..., Iterator[Embedding]]:
    """Returns the method that gives the vectors that the arguments ask for."""
    if args.long == SPLIT:
        return partial(embedder.stream_windows, overlap=args.overlap)
    if args.per == "text":
        return partial(embedder.stream, long=long_of(args))
    return embedder.stream_tokens if args.per == "token" else embedder.stream_words


def _gives_several(args: argparse.Namespace) -> bool:
    """Returns whether the arguments ask for several vectors for each text."""
    return bool(args.per != "text" or args.long == SPLIT)


def _check_arguments(args: argparse.Namespace) -> None:
    """Checks the arguments before a model is loaded."""
    check_text_arguments(args, OF_VECTORS, default="jsonl")
    if not args.bundle:
        raise InputError(
            f"{PROGRAM} embed expects an embedding bundle, and the embedded default is a classifier: "
            "name a bundle with --bundle; linnet-export convert --task feature-extraction writes one"
        )
    check_long(args)
    if args.long != TRUNCATE and args.per != "text":
        raise InputError(f"--long {args.long} is for vectors of texts, found --per {args.per}: omit one of them")
    if args.kind == "npy" and _gives_several(args):
        option = f"--long {SPLIT}" if args.long == SPLIT else f"--per {args.per}"
        raise InputError(
            f"--output {args.output}: a .npy file has one vector per text, and {option} gives several: "
            "name a .jsonl or .parquet file"
        )
