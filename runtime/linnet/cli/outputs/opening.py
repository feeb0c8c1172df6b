"""The output that the arguments name: opened, in its format, and saved now and then if it is a file."""

import argparse
import io
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from ... import __version__
from ...bundle.opening import Bundle
from ...errors import InputError
from ...system.files import bytes_written_whole
from ...tokenization.encoding import Tally
from ..formats.rows import Input
from ..text_arguments import into_stream, reading_for_texts
from .answers import Answers
from .columns import Kept
from .forms import Form
from .sinks import Sink, TextSink

_NOT_OF_THE_RUN = {
    *("load", "parser", "texts", "bundle", "input", "output", "html", "threads", "resume", "rejects", "strict")
}
"""Arguments that may differ in a run that continues: they do not change what is written, or are compared otherwise."""


@dataclass(frozen=True)
class Job:
    """What is to be written.

    Attributes:
        args: the checked arguments; ``args.kind`` is the format.
        source: the input.
        answers: how answers are written.
        bundle: the bundle that gives them.
        plain: gives the form of the outputs that people read, whose format is ``txt`` or ``table``.
        dimension: the size of the vectors of an array.
    """

    args: argparse.Namespace
    source: Input
    answers: Answers[Any]
    bundle: Bundle
    plain: Form | None = None
    dimension: int = 0


def open_output(job: Job, tally: Tally, stack: ExitStack) -> Sink:
    """Opens the output; the stack closes it.

    Raises:
        InputError: it cannot be written, or not continued.
    """
    args = job.args
    if not args.output:
        return _to_standard_output(job)
    if args.texts or into_stream(args) or args.kind == "parquet":
        return _sink(job, stack.enter_context(bytes_written_whole(args.output)))
    from .partial import can_be_resumed, resumable  # here, so that texts on the command line start faster
    from .saving import Saving

    if not can_be_resumed(args.output):
        if args.resume:
            raise InputError(f"--resume: {args.output} is in a folder that takes no new files: name another file")
        return _sink(job, stack.enter_context(bytes_written_whole(args.output)))
    found = stack.enter_context(resumable(args.output, _identity(job), resume=args.resume))
    return Saving(_sink(job, found.stream, found.start.rows), found, tally)


def _to_standard_output(job: Job) -> Sink:
    binary = job.args.kind in ("npy", "parquet")
    if not binary:
        return TextSink(sys.stdout, partial(_form, job))
    if sys.stdout.isatty():
        raise InputError(f"{job.args.kind} is no text for a terminal: name a file with --output")
    return _sink(job, sys.stdout.buffer)


def _sink(job: Job, stream: BinaryIO, rows: int = 0) -> Sink:
    """Returns what writes the format to a stream that has a number of rows already."""
    if job.args.kind == "npy":
        from .vectors import NpySink

        return NpySink(stream, job.dimension, rows)
    if job.args.kind == "parquet":
        from .parquet import ParquetSink

        return ParquetSink(stream, partial(_kept, job), job.answers)
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    return TextSink(text, partial(_form, job), begun=rows > 0)


def _form(job: Job) -> Form:
    if job.args.kind in ("txt", "table") and job.plain:
        return job.plain
    from . import forms

    kept = _kept(job)
    if job.args.kind == "csv":
        return forms.csv_form(kept, job.answers)
    if job.args.kind == "tsv":
        return forms.tsv_form(kept, job.answers)
    if into_stream(job.args):
        return forms.contract_form(kept, job.answers, job.args.column or "text")
    return forms.json_form(kept, job.answers)


def _kept(job: Job) -> Kept:
    """Returns the columns that are kept; looks up the keys of all objects where a table needs them first."""
    args, known = job.args, None
    objects = job.source.columns is None and job.source.first is not None
    if objects and args.columns is None and args.kind != "jsonl" and args.input and args.input.is_file():
        from ..formats.reading import keys_of

        known = keys_of(args.input, reading_for_texts(args, str(args.input)))
    return Kept(job.source, args.columns, known)


def _identity(job: Job) -> dict[str, Any]:
    """Returns what has to be the same in a run that continues."""
    args, size = job.args, None
    if args.input and args.input.is_file():
        found = args.input.stat()
        size = [found.st_size, found.st_mtime_ns]
    options = {name: value for name, value in sorted(vars(args).items()) if name not in _NOT_OF_THE_RUN}
    return {
        "version": __version__,
        "bundle": job.bundle.digest,
        "input": size,
        **{
            name: value if isinstance(value, (bool, int, float, list)) else value and str(value)
            for name, value in options.items()
        },
    }
