"""Declares the arguments that say how long texts are read."""

import argparse


def add_long(parser: argparse.ArgumentParser, *, split: bool = False) -> None:
    """Adds the arguments; with ``split``, a vector for each window can be asked for."""
    group = parser.add_argument_group("texts that are longer than the model reads")
    add = group.add_argument
    splitting = "; split: one vector for each window, with its place in the text" if split else ""
    add(
        "--long",
        choices=("truncate", "windows", *(("split",) if split else ())),
        default="truncate",
        help="truncate: cut them, as the original does (default); windows: read all of them in overlapping windows"
        + splitting,
    )
    add(
        "--overlap",
        type=_tokens,
        metavar="N",
        help="the tokens that neighbouring windows share (default: a quarter of a window)",
    )
    add(
        "--aggregate",
        choices=("mean", "max", "first"),
        help="how the windows make one answer: the mean, weighted by their tokens (default), the greatest values, "
        "or the first window",
    )


def _tokens(value: str) -> int:
    if not value.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number of tokens, at least 0, found {value!r}")
    return int(value)
