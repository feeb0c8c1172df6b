"""The command line: ``scripts/fuzz --readers``."""

import argparse
import sys
from pathlib import Path

from fuzzing.readers.all import READERS, usable
from fuzzing.readers.running import run


def main() -> int:
    """Runs the readers and prints their figures; returns 1 if an input was neither read nor refused."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz --readers", description="Gives readers content that is spoilt.")
    parser.add_argument("--count", type=int, default=20_000, metavar="N", help="inputs for each reader (default 20000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="equal seeds make equal inputs (default 0)")
    parser.add_argument("--only", nargs="+", choices=[reader.name for reader in READERS], help="run only these readers")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write inputs that reach new lines of code here")
    parser.add_argument("--faults", type=Path, metavar="DIR", help="write inputs that are faults here")
    args = parser.parse_args()
    inputs = faults = 0
    for reader in usable():
        if args.only and reader.name not in args.only:
            continue
        figures = run(reader, args.count, args.seed, keep=args.keep, faults=args.faults)
        print(figures.line(), *figures.faults[:20], sep="\n", flush=True)
        inputs, faults = inputs + figures.inputs, faults + len(figures.faults)
    print(f"{inputs} inputs in all, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
