"""Reads the tweets of the data folder, for tests and figures."""

import html
from collections.abc import Iterator
from pathlib import Path


def every_tweet(data: Path) -> list[str]:
    """Returns each distinct tweet, then decoded copies of the tweets with HTML entities."""
    texts = list(dict.fromkeys(_tweets(data)))
    return [*texts, *(html.unescape(text) for text in texts if "&" in text)]


def _tweets(data: Path) -> Iterator[str]:
    for file in sorted(data.glob("semeval2017_task4A/*.txt")):
        for line in file.read_text(encoding="utf-8").split("\n"):
            yield from line.split("\t")[2:3]
    for file in [*sorted(data.glob("umsab/*/*_text.txt")), data / "tweeteval_sentiment" / "val_text.txt"]:
        yield from file.read_text(encoding="utf-8").split("\n")
