"""Reads the ratings of VADER's authors, and teaches them to a model before it learns tweets.

Some twenty people each rated 23,703 texts from -4 to 4: tweets, and sentences of reviews of films, reviews of products
and editorials (C.J. Hutto and E.E. Gilbert: VADER, ICWSM 2014; MIT licence). They are in the source archive of
``vaderSentiment==0.5``.
"""

import io
import json
import random
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from linnet.preprocessing import tweeteval
from torch.nn.functional import cross_entropy
from transformers import BertForSequenceClassification, BertTokenizerFast

from .emoji import draw_emoji
from .loop import Loop, batches

SOURCES = ("tweets", "movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets")
_ARCHIVE = "hutto_ICWSM_2014.tar.gz"
_BATCH_SIZE, _LEARNING_RATE, _LAYER_DECAY = 32, 5e-5, 0.9


class Rated(NamedTuple):
    """A text, and the shares of the people who rated it below zero, zero and above."""

    text: str
    shares: tuple[float, float, float]


def read_ratings(archive: Path) -> list[Rated]:
    """Reads the source archive of ``vaderSentiment==0.5``."""
    if not zipfile.is_zipfile(archive):
        raise SystemExit(
            f"{archive}: expected the source archive of vaderSentiment: "
            "pip download --no-deps --no-binary :all: vaderSentiment==0.5"
        )
    with zipfile.ZipFile(archive) as outer:
        (name,) = [name for name in outer.namelist() if name.endswith(_ARCHIVE)]
        content = io.BytesIO(outer.read(name))
    with tarfile.open(fileobj=content, mode="r:gz") as inner:
        files = {Path(member.name).name: member for member in inner if member.isfile()}

        def rows(file: str) -> Iterator[list[str]]:
            stream = inner.extractfile(files[file])
            assert stream
            for line in stream.read().decode("utf-8-sig", errors="replace").split("\n"):
                if "\t" in line:
                    yield line.rstrip("\r").split("\t")

        found = []
        for source in SOURCES:
            texts = {number: text for number, _, text, *_ in rows(f"{source}_GroundTruth.txt")}
            found += [
                Rated(texts[number], _shares(json.loads(ratings)))
                for number, _, _, ratings, *_ in rows(f"{source}_anonDataRatings.txt")
                if number in texts
            ]
    return found


def _shares(ratings: list[int]) -> tuple[float, float, float]:
    signs = np.sign(ratings)
    return float((signs < 0).mean()), float((signs == 0).mean()), float((signs > 0).mean())


def learn_ratings(
    model: BertForSequenceClassification, tokenizer: BertTokenizerFast, rated: list[Rated], seed: int
) -> None:
    """Trains ``model`` in place for one epoch: its probabilities shall be the shares."""
    chance = random.Random(seed)
    torch.manual_seed(seed)
    loop = Loop(model, tokenizer, -(-len(rated) // _BATCH_SIZE), _LEARNING_RATE, _LAYER_DECAY)
    for texts, shares in batches(rated, _BATCH_SIZE, chance):
        logits = loop.logits([_view(text, chance) for text in texts])
        loop.step(cross_entropy(logits, torch.tensor(shares)))


def _view(text: str, chance: random.Random) -> str:
    return tweeteval(draw_emoji(text, chance) if chance.random() < 0.5 else text).text
