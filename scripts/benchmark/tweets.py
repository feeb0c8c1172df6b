"""The tweets that every peer reads."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from linnet.preprocessing import tweeteval
from training.semeval import read_tweeteval_validation

from benchmark.shapes import Shape

LANGUAGES = ("arabic", "english", "french", "german", "hindi", "italian", "portuguese", "spanish")


@dataclass(frozen=True)
class Tweets:
    """The texts of a shape, prepared as the checkpoint expects, so that every peer reads the same.

    ``bulk`` and ``single`` are timed, ``judged`` is what labels and scores are compared on, and ``calibration``, none
    of which is among them, is what static quantization may look at. ``labels`` are those of ``judged``, or none.
    """

    bulk: list[str]
    single: list[str]
    judged: list[str]
    calibration: list[str]
    labels: npt.NDArray[np.int64] | None = None


def read_tweets(shape: Shape, data: Path, *, bulk: int, single: int, calibration: int = 300) -> Tweets:
    """The tweets of a shape, drawn from the folder of data: the same at every call."""
    if shape.multilingual:
        return _draw(_umsab(data, "val"), _umsab(data, "train"), bulk, single, calibration)
    validation = read_tweeteval_validation(data)
    texts = _prepared([tweet.text for tweet in validation])
    tweets = _draw(texts, _umsab(data, "train", ("english",)), bulk, single, calibration)
    if not shape.given:
        return tweets
    labels = np.array([tweet.label for tweet in validation])
    return Tweets(tweets.bulk, tweets.single, texts, tweets.calibration, labels)


def _draw(texts: list[str], others: list[str], bulk: int, single: int, calibration: int) -> Tweets:
    if len(texts) < bulk:
        raise SystemExit(
            f"scripts/bench: --tweets: expected at most {len(texts)}, which is all there are, found {bulk}"
        )
    chosen = random.Random(0).sample(texts, bulk)
    known = set(texts)
    unseen = [text for text in others if text not in known]
    return Tweets(chosen, chosen[:single], chosen, random.Random(1).sample(unseen, calibration))


def _umsab(data: Path, part: str, languages: tuple[str, ...] = LANGUAGES) -> list[str]:
    files = [data / "umsab" / language / f"{part}_text.txt" for language in languages]
    return _prepared([line for file in files for line in file.read_text(encoding="utf-8").split("\n") if line])


def _prepared(texts: list[str]) -> list[str]:
    return [tweeteval(text).text for text in texts]
