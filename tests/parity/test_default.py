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
