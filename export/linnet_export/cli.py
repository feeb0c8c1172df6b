"""The command ``linnet-export``: a thin skin over the library."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from linnet.bundle import TASKS
from linnet.command import DONE, FAILED, Commands, add_command, run_command
from linnet.errors import InputError
from linnet.inputs import read_file
from linnet.preprocessing import PREPROCESSORS

import linnet_export


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments of one command; exits with 2 if they cannot be used."""
    parser = argparse.ArgumentParser(
        prog="linnet-export", description="Converts Hugging Face checkpoints into INT8 bundles for linnet."
    )
    parser.add_argument("--version", action="version", version=f"linnet-export {linnet_export.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_convert(commands)
    _add_parity(commands)
    return parser.parse_args(argv)


def _add_convert(commands: Commands) -> None:
    parser = add_command(
        commands,
        "convert",
        "convert a checkpoint into a bundle, which is written once it is proven equal",
        run_convert,
        "linnet-export convert my-checkpoint --output my-bundle",
        "linnet-export convert my-checkpoint --output my-bundle --preprocessing tweeteval --texts tweets.txt",
    )
    add = parser.add_argument
    add("checkpoint", type=Path, metavar="CHECKPOINT", help="the folder that save_pretrained wrote")
    add("--output", type=Path, required=True, metavar="DIR", help="the bundle to write")
    add(
        "--preprocessing",
        choices=PREPROCESSORS,
        default="none",
        help="what users' texts go through first (default: none)",
    )
    add("--task", choices=TASKS, default=TASKS[0], help=f"what the bundle is for (default: {TASKS[0]})")
    add("--overwrite", action="store_true", help="replace what is at --output")
    add("--quiet", action="store_true", help="show no progress")
    _add_texts(parser)


def _add_parity(commands: Commands) -> None:
    parser = add_command(
        commands,
        "parity",
        "measure how close a bundle is to the checkpoint that it was converted from",
        run_parity,
        "linnet-export parity my-bundle --checkpoint my-checkpoint --texts tweets.txt",
    )
    add = parser.add_argument
    add("bundle", type=Path, metavar="DIR", help="the bundle")
    add("--checkpoint", type=Path, required=True, metavar="CHECKPOINT", help="the original's folder")
    add("--json", action="store_true", help="one JSON object, as in parity.json")
    _add_texts(parser)


def _add_texts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--texts",
        type=Path,
        metavar="FILE",
        help="texts of yours to compare on, besides the built-in ones: a .txt, .csv, .tsv or .jsonl file",
    )
    parser.add_argument("--column", metavar="NAME", help="the column of --texts (default: text)")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit status: 0 done, 1 parity failed, 2 unusable arguments or input."""
    return run_command(parse_args(argv), "linnet-export")


def run_convert(args: argparse.Namespace) -> int:
    """Converts, and prints the parity that was reached."""
    from linnet_export.convert import convert
    from linnet_export.report import parity_report

    parity = convert(
        args.checkpoint,
        args.output,
        preprocessing=args.preprocessing,
        texts=_texts(args),
        overwrite=args.overwrite,
        silent=args.quiet,
    )
    print(parity_report(parity))
    print(f'{args.output} is ready: linnet classify "Good news!" --bundle {args.output}')
    return DONE


def run_parity(args: argparse.Namespace) -> int:
    """Measures, and prints a table or JSON."""
    from linnet_export.convert import check_parity
    from linnet_export.report import parity_report

    parity = check_parity(args.bundle, args.checkpoint, texts=_texts(args))
    print(json.dumps(parity.as_json(), ensure_ascii=False) if args.json else parity_report(parity))
    return FAILED if parity.failures else DONE


def _texts(args: argparse.Namespace) -> list[str]:
    if args.column and not args.texts:
        raise InputError("--column names a column of a file: give the file with --texts")
    return list(read_file(args.texts, args.column)) if args.texts else []
