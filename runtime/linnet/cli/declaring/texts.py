"""Declares the commands that answer texts, ``classify`` and ``embed``, and what all commands on texts share."""

import argparse
from pathlib import Path
from typing import Any

from ...inference.cpu import MOST_THREADS, parsed_threads
from ..command import Commands, Run, add_command, path
from ..formats.arguments import add_reading
from ..min_scores import add_min_score
from ..outputs.kinds import OF_PREDICTIONS, OF_VECTORS
from .long_texts import add_long


def add_classify(commands: Commands) -> None:
    """Declares ``classify``."""
    parser = add_command(
        commands,
        "classify",
        "classify texts",
        _classify,
        '%(prog)s "Good news!"',
        "%(prog)s --input tweets.csv --column text --output predictions.csv",
        "cat tweets.txt | %(prog)s --json",
        "cat tweets.jsonl | %(prog)s --format jsonl --column text",
        "%(prog)s --input tweets.csv --output out.jsonl --columns id,text --rejects bad.jsonl --resume",
        "%(prog)s --input articles.csv --long windows --output predictions.jsonl",
    )
    add_text_arguments(
        parser,
        bundle_help="the bundle (default: the embedded one)",
        output_help="write to a .jsonl, .csv, .tsv, .txt or .parquet file",
        writable=OF_PREDICTIONS,
    )
    add_min_score(parser, "leave the label empty where its score is below this")
    add_long(parser)


def add_embed(commands: Commands) -> None:
    """Declares ``embed``."""
    parser = add_command(
        commands,
        "embed",
        "turn texts into vectors",
        _embed,
        '%(prog)s --bundle my-bundle "Good news!"',
        "%(prog)s --bundle my-bundle --input tweets.csv --column text --output vectors.npy",
        "cat tweets.txt | %(prog)s --bundle my-bundle --per word --output words.jsonl",
        "%(prog)s --bundle my-bundle --input articles.jsonl --long split --output windows.jsonl",
    )
    add_text_arguments(
        parser,
        bundle_help="an embedding bundle",
        output_help="write to a .npy, .jsonl, .csv, .tsv or .parquet file (default: JSON lines to standard output)",
        writable=OF_VECTORS,
    )
    parser.add_argument(
        "--per",
        choices=("text", "token", "word"),
        default="text",
        help="write one vector per text (default), per token or per word",
    )
    add_long(parser, split=True)


def add_text_arguments(
    parser: argparse.ArgumentParser, *, bundle_help: str, output_help: str, writable: tuple[str, ...]
) -> None:
    """Adds the arguments of a command that runs a bundle on texts."""
    add_texts(parser, bundle_help=bundle_help)
    add = parser.add_argument
    add("--columns", metavar="NAMES", help="the columns of the input to keep, separated by commas (default: all)")
    add_rejecting(parser)
    add("--output", type=_output, action=Once, metavar="FILE", help=f"{output_help}; - for standard output")
    add("--output-format", choices=writable, help="how the output is written (default: by the file's suffix)")
    add("--resume", action="store_true", help="go on with the output of an interrupted run")
    add("--json", action="store_true", help="print one JSON object per line")
    add_running(parser)


def add_texts(parser: argparse.ArgumentParser, *, bundle_help: str) -> None:
    """Adds the arguments that name texts and a bundle, and say how the texts are read."""
    add = parser.add_argument
    add(
        "texts",
        nargs="*",
        metavar="TEXT",
        help="a text; without TEXT and --input, texts are read from standard input, one per line",
    )
    add("--bundle", type=path, metavar="DIR", help=bundle_help)
    add(
        "--input",
        type=path,
        action=Once,
        metavar="FILE",
        help="a .txt file with one text per line, or a .csv, .tsv, .jsonl or .parquet file; - for standard input",
    )
    add_reading(parser, "--input or standard input", column="the column of a table, or the key in JSON objects")


class Once(argparse.Action):
    """Stores a path, and refuses a second one, which would take the place of the first unseen."""

    def __call__(self, parser: argparse.ArgumentParser, args: argparse.Namespace, value: Any, name: Any = None) -> None:
        """Stores the path."""
        if getattr(args, self.dest) is not None:
            parser.error(f"expected {name} once, found it twice: run the command for each file")
        setattr(args, self.dest, value)


def _output(value: str) -> Path | None:
    return None if value == "-" else path(value)


def add_rejecting(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that say what becomes of malformed rows."""
    add = parser.add_argument
    add("--rejects", type=path, metavar="FILE", help="write malformed rows there, each with its line and the reason")
    add("--strict", action="store_true", help="a malformed row ends the run")


def add_running(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that say how a bundle runs."""
    add = parser.add_argument
    add(
        "--no-preprocess",
        action="store_true",
        help="do not preprocess: the texts are already prepared as the checkpoint expects",
    )
    add(
        "--threads",
        type=parsed_thread_count,
        metavar="N",
        help="number of threads (default: $LINNET_THREADS, else one per processor)",
    )


def parsed_thread_count(value: str) -> int:
    """Returns the number of threads that an argument gives; argparse rejects other arguments."""
    found = parsed_threads(value)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"expected a whole number of at least 1 and at most {MOST_THREADS}, found {value!r}"
        )
    return found


def _classify() -> Run:
    from ..commands.classify import run_classify

    return run_classify


def _embed() -> Run:
    from ..commands.embed import run_embed

    return run_embed
