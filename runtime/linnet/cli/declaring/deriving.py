"""Declares the commands that make a bundle of another and labelled texts: ``calibrate`` and ``adapt``."""

import argparse

from ..command import Commands, Run, add_command, path
from ..min_scores import add_min_score
from .judging import add_data, add_labelled_data
from .texts import add_running


def add_calibrate(commands: Commands) -> None:
    """Declares ``calibrate``."""
    parser = add_command(
        commands,
        "calibrate",
        "make a bundle whose scores say how often the label is right, from texts with known labels",
        _calibrate,
        "%(prog)s my-bundle --data tweets.csv --output calibrated",
        "%(prog)s my-bundle --data tweets.csv --bias --output calibrated --html report.html",
        "%(prog)s calibrated --min-score positive=0.9 --output careful",
    )
    _add_bundle(parser)
    add_labelled_data(parser, required=False)
    add = parser.add_argument
    add("--bias", action="store_true", help="also fit a bias for each label, so that labels can change")
    add_min_score(parser, "store the least score of an answer in the bundle")
    _add_target(parser)
    add("--html", type=path, metavar="FILE", help="also write a page with reliability diagrams, which opens offline")


def add_adapt(commands: Commands) -> None:
    """Declares ``adapt``."""
    parser = add_command(
        commands,
        "adapt",
        "make a bundle that knows other labels, from at least eight texts of each",
        _adapt,
        "%(prog)s my-bundle --data tickets.csv --column text --label-column team --output tickets",
        "%(prog)s my-embeddings --data topics.jsonl --output topics",
    )
    _add_bundle(parser)
    add_data(parser)
    add_running(parser)
    _add_target(parser)
    parser.set_defaults(by=None)


def _add_bundle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", nargs="?", type=path, metavar="DIR", help="the bundle (default: the embedded one)")
    parser.add_argument("--bundle", type=path, metavar="DIR", help="the same as DIR")


def _add_target(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--output", type=path, required=True, metavar="DIR", help="the folder of the new bundle")
    add("--overwrite", action="store_true", help="replace a bundle in that folder")
    add("--json", action="store_true", help="print one JSON object")


def _calibrate() -> Run:
    from ..commands.calibrate import run_calibrate

    return run_calibrate


def _adapt() -> Run:
    from ..commands.adapt import run_adapt

    return run_adapt
