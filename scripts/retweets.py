#!/usr/bin/env python3
"""Measures how much time the cache saves on streams of tweets with retweets.

A retweet repeats one of the last tweets of its stream, recent ones more often: its distance is drawn from a
log-uniform distribution up to ``--window``. Each stream runs without and with a cache, in turn; figures are medians.

    .venv/bin/python scripts/retweets.py --data DIR [--bundle DIR]
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from needed import packages

SHARES = (0.0, 0.2, 0.5)


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Returns the parsed arguments; exits with status 2 if they are unusable."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add, data = parser.add_argument, os.environ.get("LINNET_DATA")
    add("--data", type=Path, default=data and Path(data), metavar="DIR", help="holds umsab/ (default: $LINNET_DATA)")
    add("--bundle", type=Path, metavar="DIR", help="the bundle (default: the embedded one)")
    add("--texts", type=int, default=6000, metavar="N", help="the length of a stream (default: 6000)")
    add("--window", type=int, default=20_000, metavar="N", help="the greatest distance of a retweet (default: 20000)")
    add("--cache", type=int, default=20_000, metavar="N", help="the number of texts in the cache (default: 20000)")
    add("--rounds", type=int, default=3, metavar="N", help="the number of runs per stream (default: 3)")
    args = parser.parse_args(argv)
    if not args.data:
        parser.error("expected a folder of tweets: give --data DIR, or set LINNET_DATA")
    return args


def retweets(tweets: Iterator[str], share: float, window: int, seed: int = 0) -> Iterator[str]:
    """Yields the tweets with retweets between them; ``share`` is the share of retweets."""
    chance, past = random.Random(seed), list[str]()
    while True:
        if past and chance.random() < share:
            back = min(len(past), max(1, int(window ** chance.random())))
            text = past[-back]
        else:
            found = next(tweets, None)
            if found is None:
                return
            text = found
        past.append(text)
        yield text


def seconds(bundle: Path | None, texts: list[str], cache: int | None) -> float:
    """Returns the seconds that a newly loaded model takes for one pass over the texts."""
    with packages():
        import linnet
    model = linnet.load(bundle, cache=cache)
    model("a first text")
    began = time.perf_counter()
    for _ in model.stream(texts):
        pass
    return time.perf_counter() - began


def main(argv: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    args = parse_args(argv)
    files = sorted((args.data / "umsab").glob("*/train_text.txt"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").split("\n") if line]
    tweets = random.Random(0).sample(list(dict.fromkeys(lines)), min(args.texts, len(lines)))
    print("| retweets | distinct texts | tweets/s | with a cache |\n|---|---|---|---|")
    for share in SHARES:
        texts = list(islice(retweets(iter(tweets), share, args.window), args.texts))
        turns = [
            (seconds(args.bundle, texts, None), seconds(args.bundle, texts, args.cache)) for _ in range(args.rounds)
        ]
        plain, cached = (len(texts) / statistics.median(times) for times in zip(*turns, strict=True))
        print(f"| {share:.0%} | {len(set(texts)) / len(texts):.0%} | {plain:.0f} | {cached:.0f} |", flush=True)


if __name__ == "__main__":
    main()
