"""Checks arguments, and opens the texts and the bundle, for ``classify`` and ``embed``."""

import argparse
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from ..bundle.opening import Bundle, open_bundle
from ..errors import InputError
from ..notes import counted, tell
from ..system.files import is_stream
from ..tasks import TASKS
from .formats.arguments import decoded_texts, reading_of
from .formats.reading import open_input, read_parts
from .formats.remarks import Remarks
from .formats.rows import Reading
from .mistakes import check_texts
from .progress import Progress


def check_text_arguments(args: argparse.Namespace, writable: Sequence[str]) -> None:
    """Checks the arguments before a model is loaded, and decodes the texts among them.

    Raises:
        InputError: the arguments contradict each other, or name an output that cannot be written.
    """
    if args.texts:
        if args.input:
            raise InputError("expected texts or --input, found both: omit one")
        check_texts(args.texts, args.parser.prog)
        _check_nothing_read(args)
        args.texts = decoded_texts(args.texts, args.errors)
    if not args.output and sys.stdout is None:
        raise InputError("standard output is closed: name a file with --output")
    if args.output:
        _check_output(args, writable)


def _check_nothing_read(args: argparse.Namespace) -> None:
    given = {
        "--format": args.format,
        "--column": args.column,
        "--delimiter": args.delimiter,
        "--no-quotes": args.no_quotes or None,
    }
    for option in (option for option, value in given.items() if value is not None):
        raise InputError(
            f"{option} says how a file or standard input is read, and the texts are arguments: "
            f"omit {option}, or give a file with --input"
        )


def _check_output(args: argparse.Namespace, writable: Sequence[str]) -> None:
    if is_stream(args.output):
        if not args.output.suffix:
            return
    elif args.input and args.input.exists() and args.output.exists() and args.output.samefile(args.input):
        raise InputError(f"--output {args.output} is also the input, and would overwrite it: name another file")
    found = args.output.suffix or "no suffix"
    if args.json and suffix_of(args.output) != ".jsonl":
        raise InputError(
            f"--json conflicts with --output {args.output}: expected a name that ends in .jsonl, found {found}; "
            "omit --json, or name a .jsonl file"
        )
    if suffix_of(args.output) not in writable:
        raise InputError(f"--output {args.output}: expected a name that ends in {', '.join(writable)}, found {found}")


def suffix_of(output: Path | None) -> str:
    """Returns the suffix of the output's name, in lower case; an empty string for standard output."""
    return output.suffix.lower() if output else ""


def open_texts(args: argparse.Namespace, stack: ExitStack) -> Iterator[Iterable[str]]:
    """Opens the texts that the arguments name, lazily and in parts.

    The caller answers each part before it asks for the next, which may have to be waited for.
    A progress bar is shown until all parts are answered or the stack is closed.
    """
    if args.texts:
        return iter([args.texts])
    named = args.input and str(args.input) != "-"
    name = str(args.input) if named else "standard input"
    reading = reading_of(args, name, args.input if named else None)
    stream = stack.enter_context(open_input(args.input)) if named else _standard_input()
    return stack.enter_context(closing(_texts(stream, reading, Remarks(name), _progress(args))))


def _standard_input() -> BufferedIOBase:
    if sys.stdin is None:
        raise InputError("standard input is closed: give texts, or a file with --input")
    if sys.stdin.isatty():
        tell("linnet: reading texts from the terminal, one per line; end with Ctrl-D")
    return cast(BufferedIOBase, sys.stdin.buffer)


def _texts(
    stream: BufferedIOBase, reading: Reading, remarks: Remarks, progress: Progress
) -> Generator[Iterable[str], None, None]:
    with progress:
        for part in read_parts(stream, reading, remarks, progress.advance):
            yield (row.text for row in part)
    remarks.tell()


def _progress(args: argparse.Namespace) -> Progress:
    """Returns the progress through a file; of no size, so that it is not shown, where a bar would mix with the rows."""
    if not args.input or not args.input.is_file() or (not args.output and sys.stdout.isatty()):
        return Progress("", 0)
    return Progress(args.input.name, args.input.stat().st_size)


def tell_written(count: int, output: Path | None) -> None:
    """Notes how many texts an output file has, once it is there."""
    if output and not is_stream(output):
        tell(f"{counted(count, 'text')} → {output}")


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
