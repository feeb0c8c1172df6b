"""Checks arguments, and opens the texts and the bundle, for ``classify`` and ``embed``."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from ..bundle.opening import Bundle, open_bundle
from ..errors import InputError
from ..files import is_stream
from ..notes import tell
from ..tasks import TASKS
from .formats import reading as inputs
from .progress import Progress


def check_text_arguments(args: argparse.Namespace, writable: Sequence[str]) -> None:
    """Checks the arguments before a model is loaded.

    Raises:
        InputError: the arguments contradict each other, or name an output that cannot be written.
    """
    if args.texts and args.input:
        raise InputError("expected texts or --input, found both: omit one")
    inputs.check_arguments(args.texts)
    if args.column and not args.input:
        raise InputError("--column names a column of a file: give the file with --input")
    if not args.output and sys.stdout is None:
        raise InputError("standard output is closed: name a file with --output")
    into_file = args.output and not is_stream(args.output)
    both_exist = into_file and args.input and args.output.exists() and args.input.exists()
    if both_exist and args.output.samefile(args.input):
        raise InputError(f"--output {args.output} is also the input, and would overwrite it: name another file")
    if args.output and (into_file or args.output.suffix):
        expected = (".jsonl",) if args.json else writable
        if suffix_of(args.output) not in expected:
            raise InputError(
                f"--output {args.output}: expected a name that ends in {', '.join(expected)}, "
                f"found {args.output.suffix or 'no suffix'}"
            )


def suffix_of(output: Path | None) -> str:
    """Returns the suffix of the output's name, in lower case; an empty string for standard output."""
    return output.suffix.lower() if output else ""


def open_texts(args: argparse.Namespace, stack: ExitStack) -> Iterator[Iterable[str]]:
    """Opens the texts that the arguments name, lazily and in parts.

    The caller answers each part before it asks for the next, which may have to be waited for.
    A progress bar is shown until the stack is closed.
    """
    if args.texts:
        return iter([args.texts])
    if args.input:
        return iter([inputs.noting_none(_read_input(args, stack), str(args.input))])
    if sys.stdin is None:
        raise InputError("standard input is closed: give texts, or a file with --input")
    if sys.stdin.isatty():
        tell("linnet: reading texts from the terminal, one per line; end with Ctrl-D")
    name = "standard input"
    return inputs.noting_none(inputs.read_arriving(cast(BufferedIOBase, sys.stdin.buffer), name), name)


def _read_input(args: argparse.Namespace, stack: ExitStack) -> Iterator[str]:
    if not args.output and sys.stdout.isatty():  # a bar would mix with the rows
        return inputs.read_file(args.input, args.column)
    size = args.input.stat().st_size if args.input.is_file() else 0
    progress = stack.enter_context(Progress(args.input.name, size))
    return inputs.read_file(args.input, args.column, progress.advance)


def open_bundle_for(task: str, folder: Path | None) -> Bundle:
    """Opens a bundle, and checks that it is for ``task``.

    Raises:
        InputError: the bundle is for another task; the message names the command that runs it.
        BundleError: the bundle cannot be opened.
    """
    opened = open_bundle(folder)
    found = opened.settings.task
    if found != task:
        raise InputError(
            f"{opened.path}: {TASKS[task].command} expects a bundle for {task}, found one for {found}: "
            f"{TASKS[found].command} --bundle {opened.path}"
        )
    return opened
