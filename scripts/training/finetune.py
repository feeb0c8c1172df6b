"""Fine-tunes a small encoder on labelled tweets."""

import random
import re
from dataclasses import dataclass

import numpy as np
import torch
from linnet.preprocessing import tweeteval
from torch.nn.functional import cross_entropy
from transformers import BertForSequenceClassification, BertTokenizerFast

from .emoji import draw_emoji
from .loop import Loop, batches
from .semeval import LABELS, Tweet, unescape

KEPT = 0.2
"""The share of the weights that stays as it was before the tweets."""
LATER = {"negative": -0.5, "positive": 0.2}
"""What is added to the logits of labels: `scripts/README.md` says why."""

_URL = re.compile(r"\s*https?://\S+")


@dataclass(frozen=True)
class Hyperparameters:
    """The settings of one run.

    Macro recall on tweets of 2016, trained on 2013 to 2015: 65.3 at 8e-5 with neither smoothing nor layer
    decay, 65.5 at 4e-5 with both, 65.7 at 3e-5 over three epochs. Averaging the weights or the scores of
    two runs gained nothing.
    """

    epochs: int = 2
    """The number of epochs."""
    batch_size: int = 32
    """The number of tweets per batch."""
    learning_rate: float = 5e-5
    """The peak learning rate of the head."""
    smoothing: float = 0.1
    """The label smoothing."""
    averaged: float = 0.5
    """The share of steps, at the end, whose weights are averaged."""
    class_weight: float = 1.0
    """The exponent of the class weights; 0 weights all classes equally."""
    layer_decay: float = 0.9
    """The factor of the learning rate from each layer to the one below."""
    seed: int = 0
    """The seed of all random choices."""


def as_written(tweet: Tweet) -> str:
    """Returns the tweet as its author typed it, preprocessed like users' texts."""
    return tweeteval(unescape(tweet.text)).text


def view(tweet: Tweet, chance: random.Random) -> str:
    """Returns a random form of the tweet as users and benchmarks see it: with or without links, escaped or not."""
    text = tweet.text if chance.random() < 0.1 else unescape(tweet.text)
    if chance.random() < 0.5:
        text = _URL.sub("", text)
    if chance.random() < 0.5:
        text = draw_emoji(text, chance)
    return tweeteval(text).text


@torch.inference_mode()
def logits_of(model: BertForSequenceClassification, tokenizer: BertTokenizerFast, texts: list[str]) -> np.ndarray:
    """Returns the fp32 logits: float32 (n, labels)."""
    model.eval()
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    logits = np.empty((len(texts), len(LABELS)), dtype=np.float32)
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        batch = tokenizer([texts[row] for row in rows], padding=True, truncation=True, return_tensors="pt")
        logits[rows] = model(**batch).logits.numpy()
    return logits


def finetune(
    model: BertForSequenceClassification, tokenizer: BertTokenizerFast, tweets: list[Tweet], settings: Hyperparameters
) -> dict[str, torch.Tensor]:
    """Trains ``model`` in place; returns the weights averaged over the last ``averaged`` of the steps."""
    chance = random.Random(settings.seed)
    torch.manual_seed(settings.seed)
    counts = np.bincount([tweet.label for tweet in tweets], minlength=len(LABELS))
    weights = torch.tensor((counts.mean() / counts) ** settings.class_weight, dtype=torch.float32)
    steps = settings.epochs * -(-len(tweets) // settings.batch_size)
    loop = Loop(model, tokenizer, steps, settings.learning_rate, settings.layer_decay)
    average = torch.optim.swa_utils.AveragedModel(model)
    for _ in range(settings.epochs):
        viewed = [(view(tweet, chance), tweet.label) for tweet in tweets]
        for texts, labels in batches(viewed, settings.batch_size, chance):
            logits = loop.logits(texts)
            loop.step(cross_entropy(logits, torch.tensor(labels), weight=weights, label_smoothing=settings.smoothing))
            if loop.done >= (1 - settings.averaged) * steps and loop.done % 10 == 0:
                average.update_parameters(model)
    return average.module.state_dict()


def mixed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Returns the weights after the tweets, moved back by `KEPT` to those before, with the biases for later years."""
    found = {name: torch.lerp(weights, before[name], KEPT) for name, weights in after.items()}
    found["classifier.bias"] = found["classifier.bias"] + torch.tensor([LATER.get(label, 0.0) for label in LABELS])
    return found
