"""What is measured: checkpoints of a shape, each with the tweets that suit it."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from linnet.preprocessing import tweeteval
from training.semeval import read_tweeteval_validation

LANGUAGES = ("arabic", "english", "french", "german", "hindi", "italian", "portuguese", "spanish")


@dataclass(frozen=True)
class Shape:
    """A checkpoint to measure with.

    Args:
        name: what ``--shapes`` calls it.
        title: what the table calls it.
        convert: what Linnet's conversion is told besides.
        known: the checkpoint of ``tests/export/five.py`` whose shape it has; None is the one of ``--checkpoint``.
        full_size: 12 layers of 768; otherwise 2 of 64.
        multilingual: the tweets are UMSAB's, in eight languages, instead of TweetEval's.
        outliers: values are scaled by up to 100, and what reads them by the inverse: the same function in fp32.
    """

    name: str
    title: str
    convert: dict[str, Any]
    known: str | None = None
    full_size: bool = True
    multilingual: bool = False
    outliers: bool = False

    @property
    def trained(self) -> bool:
        """Whether labels and scores mean something: random weights hide what quantization loses."""
        return self.known is None


_ROBERTA, _XLM_R = "twitter-roberta-base-sentiment", "twitter-xlm-roberta-base-sentiment-multilingual"
_TWEETS = {"preprocessing": "tweeteval"}

SHAPES = (
    Shape("roberta-base", "RoBERTa-base (random weights)", {"recipe": _ROBERTA}, _ROBERTA),
    Shape("xlm-r-base", "XLM-R-base (random weights)", {"recipe": _XLM_R}, _XLM_R, multilingual=True),
    Shape("default", "the embedded default's checkpoint (all-MiniLM, trained)", _TWEETS),
    Shape("outliers", "the same with outliers injected", _TWEETS, outliers=True),
    Shape("tiny", "a tiny RoBERTa, to try the benchmark itself", {"recipe": _ROBERTA}, _ROBERTA, full_size=False),
)


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
    if not shape.trained:
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
