#!/usr/bin/env python3
"""Proves under qemu-user that a bundle gives the same answers on other processors as on this one.

Checks three things on the built-in texts. Labels are the same, except for ties. Logits, or the directions of vectors,
are within parity's bounds, and no further from the host's than INT8 is from the original. On each machine, a text has
the same bits alone, in a batch, and in another order.
Exit status: 0 proven, 1 a criterion is not met, 2 a machine cannot be emulated here.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from isa.machines import MACHINES, USUAL
from isa.wheels import INSTALLED
from needed import packages


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Returns the parsed arguments."""
    parser = argparse.ArgumentParser(
        prog="scripts/isa_parity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--bundle", type=Path, metavar="DIR", help="the bundle (default: the embedded default)")
    add("--machine", nargs="+", choices=MACHINES, default=USUAL, metavar="NAME", help=f"any of {', '.join(MACHINES)}")
    add("--onnxruntime", nargs="+", default=[INSTALLED], metavar="VERSION",
        help="versions of onnxruntime to run, for example 1.23.* 1.31.1 (default: the installed one)")  # fmt: skip
    add("--texts", type=int, metavar="N", help="use only N of the built-in texts, evenly spread")
    add("--work", type=Path, metavar="DIR", help="the folder for downloads (default: linnet-isa in the user's cache)")
    add("--limit", type=float, default=3600, metavar="SECONDS", help="the time limit per machine (default: 3600)")
    add("--json", action="store_true", help="print one JSON object per machine instead of the table")
    args = parser.parse_args(argv)
    if args.texts is not None and args.texts < 1:
        parser.error(f"argument --texts: expected at least 1, found {args.texts}")
    return args


def main(argv: Sequence[str] | None = None) -> int:
    """Measures, prints the results, and returns the exit status."""
    args = parse_args(argv)
    with packages():
        from isa.proof import run
    return run(args)


if __name__ == "__main__":
    sys.exit(main())
