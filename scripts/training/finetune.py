"""Fine-tunes a small encoder on labelled tweets, in a plain loop that is fast on two cores."""

import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from linnet.preprocessing import tweeteval
from torch.nn.functional import cross_entropy
from transformers import BertForSequenceClassification, BertTokenizerFast, get_linear_schedule_with_warmup

from .emoji import draw_emoji
from .semeval import LABELS, Tweet, unescape

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


def bfloat16_is_fast() -> bool:
    """Returns whether the processor supports bfloat16; without, a step takes 18 times as long as in fp32 (AVX2)."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


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


def _epoch(tweets: list[Tweet], batch_size: int, chance: random.Random) -> Iterator[tuple[list[str], list[int]]]:
    """Yields shuffled batches of texts of similar length, to reduce padding."""
    viewed = [(view(tweet, chance), tweet.label) for tweet in tweets]
    chance.shuffle(viewed)
    pool = 50 * batch_size
    batches = []
    for start in range(0, len(viewed), pool):
        near = sorted(viewed[start : start + pool], key=lambda pair: len(pair[0]))
        batches += [near[at : at + batch_size] for at in range(0, len(near), batch_size)]
    chance.shuffle(batches)
    for batch in batches:
        yield [text for text, _ in batch], [label for _, label in batch]


def _parameter_groups(model: BertForSequenceClassification, settings: Hyperparameters) -> list[dict[str, object]]:
    """Returns AdamW's parameter groups; the learning rate falls by ``layer_decay`` per layer downwards."""
    depth = model.config.num_hidden_layers
    groups = []
    for name, parameter in model.named_parameters():
        layer = re.search(r"layer\.(\d+)\.", name)
        below = depth - 1 - int(layer[1]) if layer else depth if "embeddings" in name else 0
        groups.append(
            {
                "params": [parameter],
                "lr": settings.learning_rate * settings.layer_decay**below,
                "weight_decay": 0.01 if parameter.ndim > 1 else 0.0,
            }
        )
    return groups


def finetune(
    model: BertForSequenceClassification, tokenizer: BertTokenizerFast, tweets: list[Tweet], settings: Hyperparameters
) -> dict[str, torch.Tensor]:
    """Trains ``model`` in place; returns the weights averaged over the last ``averaged`` of the steps."""
    chance = random.Random(settings.seed)
    torch.manual_seed(settings.seed)
    counts = np.bincount([tweet.label for tweet in tweets], minlength=len(LABELS))
    weights = torch.tensor((counts.mean() / counts) ** settings.class_weight, dtype=torch.float32)
    optimizer = torch.optim.AdamW(_parameter_groups(model, settings), fused=True)
    steps = settings.epochs * -(-len(tweets) // settings.batch_size)
    schedule = get_linear_schedule_with_warmup(optimizer, steps // 20, steps)
    average = torch.optim.swa_utils.AveragedModel(model)
    model.train()
    step, began, running = 0, time.monotonic(), 0.0
    for _ in range(settings.epochs):
        for texts, labels in _epoch(tweets, settings.batch_size, chance):
            batch = tokenizer(texts, padding=True, truncation=True, max_length=128, return_tensors="pt")
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16_is_fast()):
                logits = model(**batch).logits
            loss = cross_entropy(
                logits.float(), torch.tensor(labels), weight=weights, label_smoothing=settings.smoothing
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            schedule.step()
            step += 1
            if step >= (1 - settings.averaged) * steps and step % 10 == 0:
                average.update_parameters(model)
            running += 0.01 * (loss.item() - running)
            if step % 100 == 0:
                left = (time.monotonic() - began) / step * (steps - step)
                print(f"  step {step}/{steps}  loss {running:.3f}  {left / 60:.1f} min left", flush=True)
    return average.module.state_dict()
