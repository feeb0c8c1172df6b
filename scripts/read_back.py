#!/usr/bin/env python3
"""Reads an INT8 bundle's weights back as an fp32 checkpoint, for when its own checkpoint is gone.

    .venv/bin/python scripts/read_back.py BUNDLE CHECKPOINT

The bundle is a BERT classifier with per-token quantization and 8-bit embeddings, as `linnet-export convert` writes it.
The checkpoint computes the same function with the weights that INT8 left; what is converted from it is quantized twice.
"""

import argparse
from pathlib import Path

from needed import packages


def main() -> None:
    """Reads the arguments and writes the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle")
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="the folder to write")
    args = parser.parse_args()
    with packages():
        from training.reading_back import read_back
    read_back(args.bundle, args.checkpoint)


if __name__ == "__main__":
    main()
