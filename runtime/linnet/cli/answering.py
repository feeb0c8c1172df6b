"""Pairs the texts that arrive with the model's answers, and writes them."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import tee
from typing import Any

from ..notes import counted, tell
from ..postprocessing.windows import TRUNCATE, WINDOWS
from ..tokenization.encoding import Tally
from .formats.rows import Row
from .outputs.opening import Job, open_output
from .outputs.sinks import Sink
from .text_arguments import into_stream

Stream = Callable[..., Iterator[Any]]
"""A model's method that answers texts lazily."""


def answer_all(job: Job, parts: Iterable[Iterator[Row]], stream: Stream, stack: ExitStack) -> Callable[[], None]:
    """Answers the rows of an input, and writes them; returns what tells of it once the stack is closed.

    Args:
        job: what is to be written.
        parts: the rows, in parts; each part is answered before the next is read.
        stream: answers the texts.
        stack: closes the output.
    """
    tally = Tally()
    sink = open_output(job, tally, stack)
    remaining = getattr(sink, "remaining", None)
    _answer(remaining(parts) if remaining else parts, stream, sink, tally, preprocess=not job.args.no_preprocess)
    return lambda: _tell(job.args, tally)


def _answer(parts: Iterable[Iterator[Row]], stream: Stream, sink: Sink, tally: Tally, *, preprocess: bool) -> None:
    write = sink.write
    for part in parts:
        shown, asked = tee(part)
        for found in stream((row.text for row in asked), preprocess=preprocess, tally=tally):
            write(next(shown), found)
        sink.flush()
    sink.end()


def _tell(args: argparse.Namespace, tally: Tally) -> None:
    of = f"of {counted(tally.texts, 'text')}"
    if tally.truncated:
        tell(
            f"note: {tally.truncated:,} {of} had to be truncated to what the model reads, as the original truncates: "
            f"the answer is for the part that it reads{_remedy(args)}"
        )
    if tally.incomplete:
        tell(
            f"note: {tally.incomplete:,} {of} have pieces that this bundle's vocabulary lacks: "
            "the answers are not the original's"
        )
    if not into_stream(args):
        tell(f"{counted(tally.texts, 'text')} → {args.output}")


def _remedy(args: argparse.Namespace) -> str:
    """Returns what reads whole texts, for the commands and arguments that can."""
    whole = getattr(args, "long", None) == TRUNCATE and getattr(args, "per", "text") == "text"
    return f"; --long {WINDOWS} reads all of it" if whole else ""
