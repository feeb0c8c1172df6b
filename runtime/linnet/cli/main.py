"""The command ``linnet``: a thin layer over the library."""

import argparse
from collections.abc import Sequence

from .. import __version__
from ..installation import PROGRAM
from .command import Parser, parse, run_command
from .declaring.bundles import add_info, add_prepare, add_verify
from .declaring.deriving import add_adapt, add_calibrate
from .declaring.explaining import add_explain, add_internals
from .declaring.judging import add_compare, add_evaluate
from .declaring.serving import add_serve
from .declaring.texts import add_classify, add_embed

COMMANDS = (
    add_classify,
    add_embed,
    add_explain,
    add_internals,
    add_info,
    add_verify,
    add_prepare,
    add_evaluate,
    add_compare,
    add_calibrate,
    add_adapt,
    add_serve,
)


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parses the arguments of one command; exits with 2 if they cannot be used."""
    parser = Parser(prog=PROGRAM, description="Runs INT8 bundles of Hugging Face encoders.")
    parser.add_argument("--version", action="version", version=f"linnet {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in COMMANDS:
        add(commands)
    return parse(parser, argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status: 0 done, 1 the work failed, 2 unusable arguments or input."""
    return run_command(parse_args(argv), PROGRAM)
