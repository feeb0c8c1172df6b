"""The command line: ``scripts/fuzz``."""

import argparse
import sys

from fuzzing.fuzzers import FUZZERS
from fuzzing.running import run


def main() -> int:
    """Runs the fuzzers and prints their figures; returns 1 if a bundle was neither answered nor refused."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Loads bundles that are spoilt at random.")
    parser.add_argument("--count", type=int, default=2000, metavar="N", help="inputs for each fuzzer (default 2000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="equal seeds make equal inputs (default 0)")
    parser.add_argument("--only", choices=[fuzzer.name for fuzzer in FUZZERS], help="run only this fuzzer")
    args = parser.parse_args()
    faults = 0
    for fuzzer in FUZZERS:
        if args.only in (None, fuzzer.name):
            figures = run(fuzzer, args.count, args.seed)
            print(figures.line(), *figures.faults, sep="\n", flush=True)
            faults += len(figures.faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
