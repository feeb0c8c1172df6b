"""Declares the commands that explain predictions and look inside models: ``explain`` and ``internals``."""

import argparse

from ..command import Commands, Run, add_command, path
from ..outputs.kinds import OF_EXPLANATIONS
from .texts import add_rejecting, add_running, add_text_arguments, add_texts

_BUNDLE = "the bundle (default: the embedded one); also as DIR before TEXT"


def add_explain(commands: Commands) -> None:
    """Declares ``explain``."""
    parser = add_command(
        commands,
        "explain",
        "show what each word of a text contributes to its label",
        _explain,
        '%(prog)s "not bad at all, this cheap kettle"',
        '%(prog)s --bundle my-bundle --label negative --method shapley "Two hours on hold"',
        "cat tweets.txt | %(prog)s --json",
        "%(prog)s --input tweets.csv --column text --output explanations.jsonl",
        '%(prog)s --html page.html "Good news!" "Two hours on hold"',
    )
    add_text_arguments(
        parser,
        bundle_help=_BUNDLE,
        output_help="write to a .jsonl, .csv, .tsv, .txt or .parquet file",
        writable=OF_EXPLANATIONS,
    )
    add = parser.add_argument
    add("--label", metavar="NAME", help="the label to explain (default: the one that the model gives)")
    add(
        "--method",
        choices=("leave-one-out", "shapley"),
        default="leave-one-out",
        help="leave-one-out: what is lost without the word (default); shapley: what it adds to the other words, "
        "in the mean over all orders, so that the contributions add up",
    )
    add(
        "--permutations",
        type=_even,
        metavar="N",
        help="orders that shapley tries for texts of more than 12 words (default: 64)",
    )
    add("--html", type=path, metavar="FILE", help="also write a page with the coloured texts")


def add_internals(commands: Commands) -> None:
    """Declares ``internals``."""
    parser = add_command(
        commands,
        "internals",
        "show the attention between the tokens of a text, and write its hidden states",
        _internals,
        '%(prog)s --bundle my-bundle "Good news!"',
        '%(prog)s --bundle my-bundle --html page.html "not bad at all" "Two hours on hold"',
        '%(prog)s --bundle my-bundle --output arrays.npz "Good news!"',
        "%(prog)s --bundle my-bundle --input tweets.csv --html page.html",
    )
    add = parser.add_argument
    add_texts(parser, bundle_help=_BUNDLE)
    add_rejecting(parser)
    parser.set_defaults(columns=None, resume=False)
    add("--json", action="store_true", help="print one JSON object per text, with hidden states and attentions")
    add("--html", type=path, metavar="FILE", help="also write a page with heat maps")
    add("--output", type=path, metavar="FILE", help="also write the arrays of one text: a .npz file of numpy")
    add_running(parser)


def _even(value: str) -> int:
    if not value.isdecimal() or int(value) < 4 or int(value) % 2:
        raise argparse.ArgumentTypeError(f"expected an even number of at least 4, found {value!r}")
    return int(value)


def _explain() -> Run:
    from ..commands.explain import run_explain

    return run_explain


def _internals() -> Run:
    from ..commands.internals import run_internals

    return run_internals
