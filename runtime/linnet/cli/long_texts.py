"""Arguments of the command line → how long texts are read."""

import argparse

from ..errors import InputError
from ..postprocessing.windows import TRUNCATE, WINDOWS, Windowing

SPLIT = "split"
"""The value of ``--long`` that asks for a vector for each window."""


def check_long(args: argparse.Namespace) -> None:
    """Checks the arguments of `linnet.cli.declaring.long_texts.add_long`.

    Raises:
        InputError: they contradict each other.
    """
    if args.overlap is not None and args.long == TRUNCATE:
        raise InputError("--overlap is for windows, and long texts are truncated: add --long windows, or omit it")
    if args.aggregate is not None and args.long != WINDOWS:
        raise InputError(
            f"--aggregate makes one answer of several windows, and --long is {args.long}: "
            "add --long windows, or omit --aggregate"
        )


def long_of(args: argparse.Namespace) -> str | Windowing:
    """Returns how the arguments say that long texts are read, as a model takes it."""
    if args.long != WINDOWS:
        return TRUNCATE
    return Windowing(overlap=args.overlap, aggregate=args.aggregate or "mean")
