#!/usr/bin/env python3
"""Measures the README's tables of the five checkpoints and of embeddings.

    PYTHONPATH=tests/support .venv/bin/python scripts/five_checkpoints.py --data DIR

Downloads nothing: a hub on the loopback interface serves checkpoints of full size, with the real vocabularies, the
files of the real repositories, and random weights. all-MiniLM-L6-v2 is the real one. Takes about ten minutes.
"""

import argparse
from pathlib import Path

from needed import packages


def main() -> None:
    """Prints two tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="a folder of tweets and vocabularies")
    args = parser.parse_args()
    with packages():
        from measuring.five_checkpoints import measure
    measure(args.data)


if __name__ == "__main__":
    main()
