"""Declares the commands that judge models by labelled texts: ``evaluate`` and ``compare``."""

import argparse

from ..command import Commands, Run, add_command, path
from ..formats.arguments import add_reading
from .texts import add_rejecting, add_running


def add_evaluate(commands: Commands) -> None:
    """Declares ``evaluate``."""
    parser = add_command(
        commands,
        "evaluate",
        "measure how good a classifier is on texts with known labels",
        _evaluate,
        "%(prog)s my-bundle --data tweets.csv --column text --label-column label",
        "%(prog)s --data tweets.csv --by language --html report.html",
        "%(prog)s --data val_text.txt --labels val_labels.txt --target-precision 0.95",
    )
    add = parser.add_argument
    add("directory", nargs="?", type=path, metavar="DIR", help="the bundle (default: the embedded one)")
    add("--bundle", type=path, metavar="DIR", help="the same as DIR")
    add_labelled_data(parser)
    add("--wrong", type=_count, default=10, metavar="N", help="show N rows that are surest and wrong (default: 10)")
    targets = parser.add_mutually_exclusive_group()
    targets.add_argument(
        "--target-precision", type=_share, metavar="P", help="find a least score per label for this precision: 0.95"
    )
    targets.add_argument(
        "--target-coverage", type=_share, metavar="P", help="find a least score per label for this share of answers"
    )
    _add_output(parser)


def add_compare(commands: Commands) -> None:
    """Declares ``compare``."""
    parser = add_command(
        commands,
        "compare",
        "compare two classifiers on the same texts with known labels",
        _compare,
        "%(prog)s my-bundle other-bundle --data tweets.csv",
        "%(prog)s my-bundle other-bundle --data tweets.csv --rows differing.csv --html report.html",
    )
    add = parser.add_argument
    add("first", type=path, metavar="A", help="a bundle")
    add("second", type=path, metavar="B", help="another bundle with the same labels")
    add_labelled_data(parser)
    add("--rows", type=path, metavar="FILE", help="write the rows whose labels differ to a .jsonl or .csv file")
    _add_output(parser)


def add_labelled_data(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Adds the arguments that name texts with labels of the bundle, and how a bundle runs on them."""
    add_data(parser, required=required)
    add = parser.add_argument
    add(
        "--by",
        metavar="NAME",
        help="a column to group by; or file or folder, for the names of the files or of their folders",
    )
    add(
        "--map",
        action="append",
        default=[],
        type=_renaming,
        metavar="OLD=NEW",
        help="read the label OLD as the bundle's label NEW; may be repeated",
    )
    add(
        "--skip-unknown",
        action="store_true",
        help="leave out rows whose labels the bundle does not have, and count them",
    )
    add_running(parser)


def add_data(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Adds the arguments that name texts with their labels."""
    add = parser.add_argument
    add(
        "--data",
        nargs="+",
        action="extend",
        type=path,
        required=required,
        metavar="FILE",
        help="a .csv, .tsv, .jsonl or .parquet file of texts and labels, or a .txt file with one text per line; or several; "
        "- for standard input",
    )
    add_reading(parser, "--data", column="the column of the texts, or the key in JSON objects")
    add_rejecting(parser)
    add("--label-column", metavar="NAME", help="the column of the labels, or the key in JSON objects (default: label)")
    add(
        "--labels",
        type=path,
        metavar="FILE",
        help="a file with one label per line, for texts in a .txt file (default: X_labels.txt beside X_text.txt)",
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--html", type=path, metavar="FILE", help="also write a page with plots, which opens offline")


def _renaming(value: str) -> tuple[str, str]:
    old, sign, new = value.partition("=")
    if not sign or not new:
        raise argparse.ArgumentTypeError(f"expected OLD=NEW, such as pos=positive, found {value!r}")
    return old, new


def _count(value: str) -> int:
    if not value.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 0, found {value!r}")
    return int(value)


def _share(value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 < found <= 1:
        raise argparse.ArgumentTypeError(f"expected a share above 0 and at most 1, such as 0.95, found {value!r}")
    return found


def _evaluate() -> Run:
    from ..commands.evaluate import run_evaluate

    return run_evaluate


def _compare() -> Run:
    from ..commands.compare import run_compare

    return run_compare
