"""The arguments and commands of ``linnet-export``."""

import argparse
from collections.abc import Sequence

from linnet.bundle.settings import POOLINGS
from linnet.cli.command import Commands, Parser, Run, add_command, not_empty, parse, path, run_command
from linnet.cli.formats.arguments import add_reading
from linnet.preprocessing import PREPROCESSORS
from linnet.tasks import TASKS

import linnet_export
from linnet_export.cli.failures import explained
from linnet_export.cli.shipping import add_kit, add_vendor
from linnet_export.cli.sign_arguments import add_keygen, add_sign
from linnet_export.schemes import SCHEMES
from linnet_export.scripts import is_script, unknown_script


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parses the arguments of one command; exits with 2 if they are not valid."""
    parser = Parser(prog="linnet-export", description="Converts Hugging Face checkpoints into INT8 bundles for linnet.")
    parser.add_argument("--version", action="version", version=f"linnet-export {linnet_export.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_convert(commands)
    _add_parity(commands)
    _add_recipes(commands)
    add_keygen(commands)
    add_sign(commands)
    _add_debug(add_kit(commands))
    _add_debug(add_vendor(commands))
    return parse(parser, argv)


def _add_convert(commands: Commands) -> None:
    parser = add_command(
        commands,
        "convert",
        "convert a checkpoint into a bundle, and write it only if it passes the parity checks",
        _convert,
        "linnet-export convert my-checkpoint --output my-bundle",
        "linnet-export convert my-checkpoint --output my-bundle --preprocessing tweeteval --texts tweets.txt",
        "linnet-export convert cardiffnlp/twitter-roberta-base-sentiment --output my-bundle --accept-licence",
    )
    add = parser.add_argument
    add(
        "checkpoint",
        type=not_empty,
        metavar="CHECKPOINT",
        help="the folder that save_pretrained wrote, or a hub id: owner/name",
    )
    add("--output", type=path, required=True, metavar="DIR", help="the bundle to write")
    _add_origin(parser)
    add(
        "--accept-licence",
        "--accept-license",
        action="store_true",
        help="convert a checkpoint whose licence restricts its use or is not stated; you are responsible for your use",
    )
    _add_settings(parser)
    _add_size(parser)
    add(
        "--internals",
        action="store_true",
        help="also write a graph of hidden states and attentions, for linnet internals; it shares the weights",
    )
    add("--overwrite", action="store_true", help="replace the bundle at --output")
    _add_texts(parser, "--texts and --vocabulary-from")
    _add_verbosity(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Adds the options that set the bundle's ``linnet.json``."""
    add = parser.add_argument
    add("--task", choices=TASKS, help="the task of the bundle (default: the task of the checkpoint)")
    add(
        "--preprocessing",
        choices=PREPROCESSORS,
        help="the preprocessing of users' texts (default: the recipe's, else none)",
    )
    add(
        "--pooling",
        choices=POOLINGS,
        help="how token vectors are combined into a text vector (default: the checkpoint's, else mean)",
    )
    add(
        "--normalize",
        action=argparse.BooleanOptionalAction,
        help="scale text vectors to length 1 (default: as in the checkpoint)",
    )
    add(
        "--quantization",
        choices=SCHEMES,
        default=SCHEMES[0],
        help=f"how activations are scaled (default: {SCHEMES[0]})",
    )


def _add_size(parser: argparse.ArgumentParser) -> None:
    """Adds the options that make the bundle smaller."""
    add = parser.add_argument
    add(
        "--embedding-bits",
        type=int,
        choices=(8, 4),
        default=8,
        help="bits per value of the embedding table: 4 halves its size and is slightly less exact (default: 8)",
    )
    add(
        "--scripts",
        type=_scripts,
        default=(),
        metavar="NAME,…",
        help="keep only pieces in these scripts (Unicode's names, such as latin,arabic,devanagari) and pieces "
        "in no script; every single character stays (only for tokenizers like XLM-R's)",
    )
    add(
        "--vocabulary-from",
        type=path,
        metavar="FILE",
        help="keep only pieces that the texts of a .txt, .csv, .tsv or .jsonl file use, and those of "
        "--scripts if given; every single character stays",
    )


def _add_parity(commands: Commands) -> None:
    parser = add_command(
        commands,
        "parity",
        "measure how close a bundle is to the checkpoint that it was converted from",
        _parity,
        "linnet-export parity my-bundle --checkpoint my-checkpoint --texts tweets.txt",
    )
    add = parser.add_argument
    add("bundle", type=path, metavar="DIR", help="the bundle")
    add(
        "--checkpoint",
        type=not_empty,
        required=True,
        metavar="CHECKPOINT",
        help="the original: its folder or its hub id",
    )
    _add_origin(parser)
    add("--json", action="store_true", help="print one JSON object, as in parity.json")
    _add_texts(parser, "--texts")
    _add_verbosity(parser)


def _add_recipes(commands: Commands) -> None:
    parser = add_command(
        commands, "recipes", "list the checkpoints that Linnet knows", _recipes, "linnet-export recipes"
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object per line, with all fields of each recipe"
    )
    _add_debug(parser)


def _add_verbosity(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="show no progress and no notes")
    _add_debug(parser)


def _add_debug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="print the traceback of an error, to report it")


def _add_origin(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--recipe", metavar="NAME", help="a recipe by name, or a .toml file (default: the one for the hub id)")
    add("--revision", metavar="SHA", help="a commit, branch or tag on the hub (default: main)")
    add("--offline", action="store_true", help="open no connection: use only the hub's cache")


def _scripts(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(","))
    if not all(names):
        raise argparse.ArgumentTypeError(f"expected names separated by commas, such as latin,arabic, found {value!r}")
    for name in names:
        if not is_script(name):
            raise argparse.ArgumentTypeError(unknown_script(name))
    return names


def _add_texts(parser: argparse.ArgumentParser, of: str) -> None:
    parser.add_argument(
        "--texts",
        type=path,
        metavar="FILE",
        help="your own texts for the comparison, in addition to the built-in ones: a .txt, .csv, .tsv or .jsonl file",
    )
    add_reading(parser, of, column=f"the column of the texts in {of}")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status: 0 done, 1 parity failed, 2 unusable arguments or input."""
    args = parse_args(argv)
    args.load = explained(args.load, debug=args.debug)
    return run_command(args, "linnet-export")


def _convert() -> Run:
    from linnet_export.cli.convert import run_convert

    return run_convert


def _parity() -> Run:
    from linnet_export.cli.convert import run_parity

    return run_parity


def _recipes() -> Run:
    from linnet_export.cli.recipes import run_recipes

    return run_recipes
