"""The embedded default on the tweets that it is judged by."""

from pathlib import Path

import linnet
import numpy as np
from training.semeval import macro_recall, read_tweeteval_validation


def test_macro_recall_is_what_the_card_says(data: Path) -> None:
    tweets = read_tweeteval_validation(data)
    model = linnet.load()
    found = model.logits([tweet.text for tweet in tweets]).argmax(axis=-1)
    recall = macro_recall(np.array([tweet.label for tweet in tweets]), found)
    card = (model.bundle.path / "README.md").read_text(encoding="utf-8")
    line = next(line for line in card.split("\n") if "Macro recall on TweetEval validation" in line)
    fp32, int8 = (float(part.split()[0]) for part in line.split("trained on): ")[1].split(", "))
    assert abs(recall - int8) < 0.3  # other processors round otherwise
    assert abs(fp32 - int8) <= 0.5


def test_a_tweet_gets_the_same_bits_alone_and_in_bulk(data: Path) -> None:
    texts = [tweet.text for tweet in read_tweeteval_validation(data)]
    model = linnet.load()
    alone = np.concatenate([model.logits(text) for text in texts])
    found = model.logits(texts)
    assert [text for text, a, b in zip(texts, alone, found, strict=True) if a.tobytes() != b.tobytes()] == []
