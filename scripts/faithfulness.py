#!/usr/bin/env python3
"""Measures how faithful explanations are: whether the words that are said to matter are those that do.

Words are removed from each tweet, the most important first (deletion), or added to an empty text (insertion). The
figure is the mean score of the tweet's label along the way. Faithful orders delete to a low one and insert to a high
one. Random orders are what to compare with, and attention, if the bundle was converted with ``--internals``. Tweets are
those of TweetEval's validation split.

    .venv/bin/python scripts/faithfulness.py --data DIR [--bundle DIR]
"""

import argparse
import math
import os
import random
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from needed import packages

if TYPE_CHECKING:
    from linnet import Classifier, Explanation

RANDOM_ORDERS = 5
"""The random orders of each tweet; their mean is one tweet's figure."""

LEAST_WORDS = 5


class Found(NamedTuple):
    """The figures of one tweet with one way to order its words."""

    deletion: float
    insertion: float


Orders = Callable[["Classifier", str], list[list[int]]]
"""A function: a tweet → orders of its words, the most important first."""


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Returns the parsed arguments; exits with status 2 if they are unusable."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add, data = parser.add_argument, os.environ.get("LINNET_DATA")
    add(
        "--data",
        type=Path,
        default=data and Path(data),
        metavar="DIR",
        help="holds tweeteval_sentiment/ (default: $LINNET_DATA)",
    )
    add("--bundle", type=Path, metavar="DIR", help="the bundle (default: the embedded one)")
    add("--texts", type=int, default=200, metavar="N", help="the number of tweets (default: 200)")
    add("--permutations", type=int, default=16, metavar="N", help="the orders that shapley tries (default: 16)")
    add("--threads", type=int, metavar="N", help="number of threads (default: one per processor)")
    args = parser.parse_args(argv)
    if not args.data:
        parser.error("expected a folder of tweets: give --data DIR, or set LINNET_DATA")
    return args


def by_explanation(model: "Classifier", text: str, *, method: str, permutations: int) -> list[list[int]]:
    """Returns the one order of the words that an explanation gives; words that have no token come last."""
    found: Explanation = model.explain(text, method=method, permutations=permutations)
    contributions = dict(zip((start for start, _ in found.spans), found.contributions, strict=True))
    starts = [match.start() for match in re.finditer(r"\S+", text)]
    return [sorted(range(len(starts)), key=lambda word: -contributions.get(starts[word], -math.inf))]


def by_chance(model: "Classifier", text: str) -> list[list[int]]:
    """Returns random orders of the words, the same ones every time."""
    chance, count = random.Random(text), len(text.split())
    return [chance.sample(range(count), count) for _ in range(RANDOM_ORDERS)]


def by_attention(model: "Classifier", text: str) -> list[list[int]]:
    """Returns the order of the words by the attention that they get, the sum over their tokens; see `Internals.attention`.

    A token belongs to the word in which its characters end: some tokens begin with the space before a word.
    """
    found = model.internals(text)
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    got = [0.0] * len(ends)
    for (start, end), attention in zip(found.offsets, found.attention.tolist(), strict=True):
        word = bisect_left(ends, end)
        if start < end and word < len(ends):
            got[word] += attention
    return [sorted(range(len(got)), key=lambda word: -got[word])]


def orders(permutations: int, *, internals: bool) -> dict[str, Orders]:
    """Returns the ways to order words by name; with ``internals``, attention too."""
    return {
        "leave-one-out": partial(by_explanation, method="leave-one-out", permutations=permutations),
        "shapley": partial(by_explanation, method="shapley", permutations=permutations),
        **({"attention": by_attention} if internals else {}),
        "random": by_chance,
    }


def measured(model: "Classifier", text: str, ways: list[list[int]]) -> Found:
    """Returns the mean figures of a tweet over some orders of its words."""
    scores, words = model(text).scores, text.split()
    label = max(scores, key=scores.__getitem__)
    found = [prediction.scores[label] for prediction in model.stream(_steps(words, ways))]
    curves = [found[start : start + len(words) + 1] for start in range(0, len(found), len(words) + 1)]
    areas = [(sum(curve) - (curve[0] + curve[-1]) / 2) / len(words) for curve in curves]
    return Found(*(sum(areas[first::2]) / len(ways) for first in (0, 1)))


def _steps(words: list[str], ways: list[list[int]]) -> Iterator[str]:
    """Yields for each order the texts of its deletion, from the whole text on, and those of its insertion."""
    for order in ways:
        for kept in ([set(order[step:]) for step in range(len(order) + 1)], _prefixes(order)):
            yield from (" ".join(word for index, word in enumerate(words) if index in some) for some in kept)


def _prefixes(order: list[int]) -> list[set[int]]:
    return [set(order[:step]) for step in range(len(order) + 1)]


def main(argv: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    args = parse_args(argv)
    with packages():
        import linnet
        from linnet.names import INTERNALS
    model = linnet.load_classifier(args.bundle, threads=args.threads)
    has_internals = model.bundle.manifest.find(INTERNALS) is not None
    lines = (args.data / "tweeteval_sentiment" / "val_text.txt").read_text(encoding="utf-8").split("\n")
    tweets = [line for line in lines if len(line.split()) >= LEAST_WORDS]
    tweets = random.Random(0).sample(tweets, min(args.texts, len(tweets)))
    found = {
        name: [measured(model, text, way(model, text)) for text in tweets]
        for name, way in orders(args.permutations, internals=has_internals).items()
    }
    print(f"{len(tweets):,} tweets, mean score of the label\n")
    print("| words by | deletion | insertion | tweets better than by chance |\n|---|---|---|---|")
    for name, figures in found.items():
        deletion, insertion = (sum(column) / len(tweets) for column in zip(*figures, strict=True))
        pairs = list(zip(figures, found["random"], strict=True))
        better = [
            sum(sign * (one[side] - other[side]) > 0 for one, other in pairs) / len(pairs)
            for side, sign in ((0, -1), (1, 1))
        ]
        shown = "" if name == "random" else f"{better[0]:.0%}, {better[1]:.0%}"
        print(f"| {name} | {deletion:.3f} | {insertion:.3f} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
