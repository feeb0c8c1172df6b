#!/usr/bin/env python3
"""Measures `linnet serve` beside the library, on one machine and in one run, and simulates other ways of batching.

Only the ratios within a run mean something, and only on a machine that does nothing else. Each round measures the library
and the server one after the other; ratios are medians over the rounds. Takes under ten minutes.

    .venv/bin/python scripts/serving.py [--bundle DIR] [--texts FILE]
"""

import argparse
from pathlib import Path

from needed import packages


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--bundle", type=Path, metavar="DIR", help="a classifier (default: the embedded one)")
    add("--texts", type=Path, metavar="FILE", help="a text a line (default: made-up texts as long as tweets)")
    add("--threads", type=int, default=2, metavar="N", help="threads of the library and of the server (default: 2)")
    add("--clients", type=int, default=32, metavar="N", help="clients at once (default: 32)")
    add("--rounds", type=int, default=5, metavar="N", help="rounds (default: 5)")
    add("--calls", type=int, default=200, metavar="N", help="calls of one client in a round (default: 200)")
    add(
        "--overload",
        type=float,
        default=60,
        metavar="S",
        help="seconds of five times the sustainable load (default: 60)",
    )
    add("--swaps", type=int, default=100, metavar="N", help="swaps, and as many back (default: 100)")
    add("--json", type=Path, metavar="FILE", help="also write the figures there")
    return parser.parse_args()


def main() -> None:
    """Measures what the arguments ask, and prints it."""
    args = _arguments()
    with packages():
        from serving_load.measures import measure
    measure(args)


if __name__ == "__main__":
    main()
