"""Reads the SemEval-2017 task 4A tweets, without those in TweetEval's validation set.

Expects a folder with ``semeval2017_task4A/`` and ``tweeteval_sentiment/``.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LABELS = ("negative", "neutral", "positive")

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_URL = re.compile(r"https?://\S+|www\.\S+")
_MENTION = re.compile(r"@\w+")


@dataclass(frozen=True)
class Tweet:
    """A labelled tweet: ``label`` is an index into `LABELS`, ``year`` the year of the SemEval edition."""

    text: str
    label: int
    year: int


def unescape(text: str) -> str:
    r"""Resolves the literal ``\uXXXX`` escapes of the SemEval files, and HTML entities."""
    return html.unescape(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text))


def match_key(text: str) -> str:
    """Returns a key that is the same for a tweet's SemEval and TweetEval forms.

    Resolves escapes, drops links and mentions, and keeps only letters, in lower case, and digits.
    """
    text = _MENTION.sub(" ", _URL.sub(" ", unescape(text)))
    return "".join(char for char in text.lower() if char.isalnum())


def read_semeval(data: Path) -> Iterator[Tweet]:
    """Yields every labelled tweet of ``semeval2017_task4A``, in the order of the file names."""
    for file in sorted((data / "semeval2017_task4A").glob("twitter-*.txt")):
        year = int(file.name[len("twitter-") :][:4])
        for line in file.read_text(encoding="utf-8").split("\n"):
            fields = line.split("\t")
            if len(fields) >= 3:
                yield Tweet(fields[2], LABELS.index(fields[1]), year)


def read_tweeteval_validation(data: Path) -> list[Tweet]:
    """Returns the 2,000 tweets of TweetEval's sentiment validation set, as published."""
    folder = data / "tweeteval_sentiment"
    texts = (folder / "val_text.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    labels = (folder / "val_labels.txt").read_text(encoding="utf-8").split()
    return [Tweet(text, int(label), 2016) for text, label in zip(texts, labels, strict=True)]


def leave_out(tweets: Iterable[Tweet], held_out: Iterable[Tweet]) -> list[Tweet]:
    """Returns the tweets that are not held out, without duplicates and without tweets that have conflicting labels."""
    excluded = {match_key(tweet.text) for tweet in held_out}
    kept: dict[str, Tweet] = {}
    disputed: set[str] = set()
    for tweet in tweets:
        key = match_key(tweet.text)
        if key in excluded:
            continue
        if key in kept and kept[key].label != tweet.label:
            disputed.add(key)
        kept.setdefault(key, tweet)
    return [tweet for key, tweet in kept.items() if key not in disputed]


def macro_recall(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Returns the mean recall over the classes, in per cent."""
    return 100 * float(np.mean([(predicted[labels == label] == label).mean() for label in np.unique(labels)]))
