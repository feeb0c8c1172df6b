"""The command line. It needs the standard library alone, so that ``scripts/bench --help`` installs nothing.

``python -m benchmark.arguments ARGUMENT…`` only checks them.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from benchmark.environment import ROOT
from benchmark.peers import ROWS
from benchmark.records import FOLDER
from benchmark.shapes import SHAPES, USUAL

_DESCRIPTION = """\
Measures Linnet beside what people use today: the same checkpoint and the same tweets in one run. Every peer has its own
process, and they take turns, so that a change of the machine meets all alike. Figures are medians over the rounds, and
ratios are the medians of each round's ratio. fp32 classifiers are timed on half of the tweets. Run nothing else meanwhile.
"""
_EPILOG = """\
scripts/bench --peers installs the peers in .venv-bench. Without them, only Linnet on the embedded default can be
measured (--only linnet --shapes default). The results of a full run also go to the file of this machine's class of
processors; scripts/bench --figures prints all classes beside each other.
"""


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments; exits with 2 if they cannot be used."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False)
    _add_tasks(parser)
    _add_choices(parser)
    _add_folders(parser)
    args = parser.parse_args(argv)
    if not args.data and not args.figures:
        parser.error("expected a folder of tweets and vocabularies: give --data DIR, or set LINNET_DATA")
    return args


def _add_tasks(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--peers", action="store_true", help="first install the peers; with nothing else, only that")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--figures", action="store_true", help="measure nothing: print the figures of all classes as Markdown")  # fmt: skip
    instead.add_argument("--tune", action="store_true",
        help="measure Linnet alone, in bulk, at each token budget and thread layout")  # fmt: skip


def _add_choices(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    shapes = [shape.name for shape in SHAPES]
    add("--shapes", nargs="+", choices=shapes, default=list(USUAL), metavar="NAME",
        help=f"the checkpoints to measure with: {', '.join(shapes)} (default: {' '.join(USUAL)})")  # fmt: skip
    add("--only", nargs="+", choices=[row.name for row in ROWS], metavar="NAME",
        help=f"measure these alone: {', '.join(row.name for row in ROWS)}")  # fmt: skip
    add("--rounds", type=_positive, default=5, metavar="N", help="how often everybody has a turn (default: 5)")
    add("--tweets", type=_positive, default=1000, metavar="N", help="tweets in bulk (default: 1000)")
    add("--single", type=_positive, default=200, metavar="N", help="the number of these that are also asked one at a time (default: 200)")  # fmt: skip
    add("--threads", type=_positive, default=len(os.sched_getaffinity(0)), metavar="N",
        help="threads of each peer (default: one a processor)")  # fmt: skip


def _add_folders(parser: argparse.ArgumentParser) -> None:
    add, data = parser.add_argument, os.environ.get("LINNET_DATA")
    add("--data", type=Path, default=data and Path(data), metavar="DIR",
        help="a folder with tweeteval_sentiment/, umsab/ and tokenizers/ (default: what LINNET_DATA names)")  # fmt: skip
    add("--checkpoint", type=Path, metavar="DIR", help="the fp32 checkpoint of the embedded default, for default and outliers")  # fmt: skip
    add("--work", type=Path, default=ROOT / "build" / "bench", metavar="DIR",
        help="where checkpoints and converted models are kept for the next run (default: build/bench)")  # fmt: skip
    add("--results", type=Path, default=FOLDER, metavar="DIR",
        help="where each class of processors has its file (default: scripts/benchmark/results)")  # fmt: skip
    add("--json", type=Path, metavar="FILE", help="write everything that was measured")
    add("--svg", type=Path, metavar="FILE", help="draw the tweets a second of the first shape")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, found {text}")
    return value


if __name__ == "__main__":
    parse_args()
