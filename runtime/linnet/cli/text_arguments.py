"""Checks arguments, and opens the texts and the bundle, for the commands that run a bundle on texts."""

import argparse
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from ..bundle.opening import Bundle, open_bundle
from ..errors import InputError
from ..installation import PROGRAM
from ..notes import tell
from ..system.files import is_stream
from ..tasks import TASKS
from .command import path
from .formats.arguments import decoded, decoded_texts, reading_of
from .formats.reading import Source, open_input
from .formats.remarks import Remarks
from .formats.rows import Input, Reading, Row
from .mistakes import check_texts, is_bundle
from .places import check_places
from .progress import Progress
from .rejects import Rejects


def check_text_arguments(args: argparse.Namespace, writable: Sequence[str], *, default: str) -> None:
    """Checks the arguments before a model is loaded, and decodes the texts and names among them.

    ``args.kind`` becomes the format of the output, and ``args.columns`` the list of names.

    Args:
        args: the arguments.
        writable: the formats that the command writes.
        default: the format on standard output.

    Raises:
        InputError: the arguments contradict each other, or name an output that cannot be written.
    """
    check_texts_given(args)
    if not args.output and sys.stdout is None:
        raise InputError("standard output is closed: name a file with --output")
    args.kind = _kind(args, writable, default)
    check_places(args, "the input", [args.input])
    if args.kind == "parquet":
        from .formats.parquet import require_pyarrow

        require_pyarrow()
    if args.resume and (into_stream(args) or args.kind == "parquet"):
        where = "standard output, a pipe or a device" if into_stream(args) else "a Parquet file, which ends with a list"
        raise InputError(f"--resume cannot go on with {where}: name a .csv, .tsv, .jsonl or other file with --output")
    if args.columns is not None:
        from .outputs.columns import columns_of  # here, because few commands need it

        args.columns = columns_of(decoded(args.columns, "--columns"))
        if args.kind in ("txt", "table", "npy"):
            raise InputError("--columns chooses columns of a table, and this output has none: name a .csv file")


def into_stream(args: argparse.Namespace) -> bool:
    """Returns whether the output is standard output, a pipe or a device, and no regular file."""
    return args.output is None or is_stream(args.output)


def _check_nothing_read(args: argparse.Namespace) -> None:
    given = {
        "--format": args.format,
        "--column": args.column,
        "--columns": args.columns,
        "--delimiter": args.delimiter,
        "--no-quotes": args.no_quotes or None,
        "--rejects": args.rejects,
        "--resume": args.resume or None,
    }
    for option in (option for option, value in given.items() if value is not None):
        raise InputError(
            f"{option} says how a file or standard input is read, and the texts are arguments: "
            f"omit {option}, or give a file with --input"
        )


def _kind(args: argparse.Namespace, writable: Sequence[str], default: str) -> str:
    """Returns the format of the output: as the arguments say, else by the suffix."""
    suffix = args.output.suffix.lower() if args.output else ""
    found = args.output_format or suffix[1:]
    if args.json and found not in ("", "jsonl"):
        given = f"--output-format {found}" if args.output_format else f"--output {args.output}"
        raise InputError(
            f"--json conflicts with {given}: expected a name that ends in .jsonl, found {suffix or 'no suffix'}; "
            "omit --json, or name a .jsonl file"
        )
    if not found and into_stream(args):
        return "jsonl" if args.json else default
    if found not in writable:
        names = ", ".join(f".{name}" for name in writable)
        if args.output_format:
            raise InputError(f"--output-format: expected one of {', '.join(writable)}, found {found}")
        raise InputError(f"--output {args.output}: expected a name that ends in {names}, found {suffix or 'no suffix'}")
    return str(found)


class GivenTexts:
    """The texts on the command line, as an input of one column."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.columns: list[str] | None = ["text"]
        self.first: Row | None = None
        self.remarks = Remarks("the command line")
        self._texts = texts

    def parts(self) -> Iterator[Iterator[Row]]:
        """Yields all texts as one part."""
        yield (Row(number, text, (text,)) for number, text in enumerate(self._texts, 1))


def open_texts(args: argparse.Namespace, stack: ExitStack) -> tuple[Input, Iterable[Iterator[Row]]]:
    """Opens the texts that the arguments name; returns the input, and its rows in parts.

    The caller answers each part before it asks for the next, which may have to be waited for.
    Progress is shown until all parts are answered or the stack is closed.

    Raises:
        InputError: the input cannot be opened. Reading raises it for an input that cannot be used.
    """
    if args.texts:
        given = GivenTexts(args.texts)
        return given, given.parts()
    named = args.input and str(args.input) != "-"
    name = str(args.input) if named else "standard input"
    reading = reading_for_texts(args, name)
    stream = stack.enter_context(open_input(args.input)) if named else standard_input()
    remarks = Remarks(name)
    progress = stack.enter_context(_progress(args, remarks))
    rejects = Rejects(name, strict=args.strict, before=progress.clear)
    if args.rejects:
        rejects.open(args.rejects, stack)
    source = Source(stream, reading, remarks, advance=progress.advance, reject=rejects, wanted=args.columns or ())
    return source, stack.enter_context(closing(_parts(source, rejects, progress)))


def reading_for_texts(args: argparse.Namespace, name: str) -> Reading:
    """Returns how the input is read; with ``--rejects``, damaged lines are malformed rows."""
    reading = reading_of(args, name, args.input if args.input and str(args.input) != "-" else None)
    if reading.format == "txt" and args.columns is not None:
        raise InputError(f"{name}: text lines (txt) have no columns: omit --columns, or name a table with --input")
    return replace(reading, errors="reject") if args.rejects and reading.errors == "strict" else reading


def take_bundle(args: argparse.Namespace) -> None:
    """Makes a bundle before the texts ``args.bundle``."""
    if args.texts and args.bundle is None and is_bundle(args.texts[0]):
        args.bundle = path(args.texts.pop(0))


def check_texts_given(args: argparse.Namespace) -> None:
    """Checks and decodes the texts on the command line, if there are any.

    Raises:
        InputError: they are names of files, or an argument is about an input that is not read.
    """
    if args.texts:
        if args.input:
            raise InputError("expected texts or --input, found both: omit one")
        check_texts(args.texts, args.parser.prog)
        _check_nothing_read(args)
        args.texts = decoded_texts(args.texts, args.errors)


def standard_input() -> BufferedIOBase:
    """Returns standard input; tells that it is waited for, if it is a terminal.

    Raises:
        InputError: it is closed.
    """
    if sys.stdin is None:
        raise InputError("standard input is closed: give texts, or a file with --input")
    if sys.stdin.isatty():
        tell(f"{PROGRAM}: reading texts from the terminal, one per line; end with Ctrl-D")
    return cast(BufferedIOBase, sys.stdin.buffer)


def _parts(source: Source, rejects: Rejects, progress: Progress) -> Generator[Iterator[Row], None, None]:
    yield from source.parts()
    progress.clear()
    source.remarks.tell()
    rejects.tell(source.remarks.texts)


def _progress(args: argparse.Namespace, remarks: Remarks) -> Progress:
    """Returns the progress through an input, which is not shown where it would mix with rows or with what is typed."""
    mixed = (not args.output and sys.stdout.isatty()) or (
        not args.input and sys.stdin is not None and sys.stdin.isatty()
    )
    size = args.input.stat().st_size if args.input and args.input.is_file() else 0
    return Progress(args.input.name if args.input else "standard input", size, lambda: remarks.texts, shown=not mixed)


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
