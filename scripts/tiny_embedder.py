#!/usr/bin/env python3
"""Makes the embedding bundle for the runtime's tests, and the reference vectors of its fp32 original.

    .venv/bin/python scripts/tiny_embedder.py [--output tests/runtime]

The original is an XLM-R of two layers and 32 dimensions, with random weights and a Unigram tokenizer trained here.
``tiny_embedder/`` is its INT8 bundle. ``tiny_embedder_reference.jsonl`` has, for a few texts, the fp32 vectors of
transformers and torch, pooled by torch.
"""

import argparse
from pathlib import Path

from needed import packages


def main() -> None:
    """Writes the bundle and the reference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tests = Path(__file__).parent.parent / "tests" / "runtime"
    parser.add_argument("--output", type=Path, default=tests, metavar="DIR", help="the folder for bundle and vectors")
    args = parser.parse_args()
    with packages():
        from training.tiny import write
    write(args.output)


if __name__ == "__main__":
    main()
