"""The commands of ``linnet`` and their arguments. The code of a command is imported only when the command runs."""

import argparse
import re

from ..inference.cpu import MOST_THREADS, parsed_threads
from .command import Commands, Run, add_command, path
from .formats.arguments import add_reading


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
    )
    _add_text_arguments(
        parser,
        bundle_help="the bundle (default: the embedded one)",
        output_help="write to a .jsonl, .csv, .tsv or .txt file",
    )


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
    )
    _add_text_arguments(
        parser,
        bundle_help="an embedding bundle",
        output_help="write to a .npy, .jsonl or .parquet file (default: JSON lines to standard output)",
    )
    parser.add_argument(
        "--per",
        choices=("text", "token", "word"),
        default="text",
        help="write one vector per text (default), per token or per word",
    )


def add_info(commands: Commands) -> None:
    """Declares ``info``."""
    add = add_command(commands, "info", "show a bundle's details", _info, "%(prog)s my-bundle").add_argument
    add("bundle", nargs="?", type=path, metavar="DIR", help="the bundle (default: the embedded one)")
    add("--json", action="store_true", help="print one JSON object")


def add_verify(commands: Commands) -> None:
    """Declares ``verify``."""
    add = add_command(
        commands,
        "verify",
        "check the hash of every file of a bundle, including the weights",
        _verify,
        "%(prog)s my-bundle",
        "%(prog)s my-bundle --sha256 DIGEST",
    ).add_argument
    add("bundle", nargs="?", type=path, metavar="DIR", help="the bundle (default: the embedded one)")
    add(
        "--sha256",
        type=_digest,
        metavar="DIGEST",
        help="also check the bundle's digest, as info showed it: the sha256 of its manifest.json",
    )


def add_prepare(commands: Commands) -> None:
    """Declares ``prepare``."""
    add = add_command(
        commands,
        "prepare",
        "pack a bundle's weights for this machine once, so that processes share them",
        _prepare,
        "%(prog)s my-bundle",
        "%(prog)s my-bundle --remove",
    ).add_argument
    add("bundle", nargs="?", type=path, metavar="DIR", help="the bundle (default: the embedded one)")
    add(
        "--cache",
        type=path,
        metavar="DIR",
        help="the folder for packed weights (default: $LINNET_CACHE, else linnet in $XDG_CACHE_HOME or ~/.cache)",
    )
    add("--remove", action="store_true", help="remove the packed weights")


def _add_text_arguments(parser: argparse.ArgumentParser, *, bundle_help: str, output_help: str) -> None:
    """Adds the arguments of a command that runs a bundle on texts."""
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
        metavar="FILE",
        help="a .txt file with one text per line, or a .csv, .tsv or .jsonl file; - for standard input",
    )
    add_reading(parser, "--input or standard input", column="the column of a table, or the key in JSON objects")
    add("--output", type=path, metavar="FILE", help=output_help)
    add("--json", action="store_true", help="print one JSON object per line")
    add(
        "--no-preprocess",
        action="store_true",
        help="do not preprocess: the texts are already prepared as the checkpoint expects",
    )
    add(
        "--threads",
        type=_threads,
        metavar="N",
        help="number of threads (default: $LINNET_THREADS, else one per processor)",
    )


def _digest(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", value.lower()):
        raise argparse.ArgumentTypeError(f"expected a sha256, 64 hexadecimal digits, found {value!r}")
    return value.lower()


def _threads(value: str) -> int:
    found = parsed_threads(value)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"expected a whole number of at least 1 and at most {MOST_THREADS}, found {value!r}"
        )
    return found


def _classify() -> Run:
    from .classify import run_classify

    return run_classify


def _embed() -> Run:
    from .embed import run_embed

    return run_embed


def _info() -> Run:
    from .info import run_info

    return run_info


def _verify() -> Run:
    from .verify import run_verify

    return run_verify


def _prepare() -> Run:
    from .prepare import run_prepare

    return run_prepare
