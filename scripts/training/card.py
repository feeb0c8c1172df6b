"""Writes the model card of the embedded default."""

from collections.abc import Sequence
from pathlib import Path

from .emoji import EMOJI
from .finetune import KEPT, LATER, Hyperparameters
from .loop import bfloat16_is_fast

_CARD = """---
license: apache-2.0
language: en
base_model: sentence-transformers/all-MiniLM-L6-v2
pipeline_tag: text-classification
---
# linnet-default

English sentiment in three classes (negative, neutral, positive), small enough to travel with a program.

- **Base**: all-MiniLM-L6-v2 (6 layers of 384, 22.7 million weights), Apache-2.0.
- **Data**: {ratings:,} tweets and sentences that some twenty people each rated for VADER (C.J. Hutto and E.E. Gilbert,
  ICWSM 2014; MIT licence); then {trained_on:,} tweets of SemEval-2017 task 4A (the editions of 2013 to 2016), less every
  tweet that is also in TweetEval's validation set, and those labelled twice, differently. The tweets carry their own terms
  and are not here.
- **Recipe**: an epoch of ratings, {epochs} epochs of tweets, batch {batch_size}, AdamW with learning rate {learning_rate:g}
  ({layer_decay:g} a layer downwards), {precision}; for the tweets, class weights, labels smoothed by {smoothing:g}, and
  weights averaged over the last {averaged} % of the steps{seeds}. {emoji} emoji were added to the vocabulary, their
  embeddings begun from their Unicode names; emoticons were replaced by emoji in half of the views.
  `scripts/train_default.py` makes it.
- **For later years**: {kept} % of the weights are those from before the tweets. {biases} were added
  to the logits. Both were chosen on years that were not trained on, where they find 0.7 to 2 points more. On the
  validation set, whose tweets are of the trained years, they cost as much: without them it has 74.7.
- **Preprocessing**: `tweeteval`: `@anyone` becomes `@user`, and links become `http`.
- **Macro recall on TweetEval validation** (2,000 tweets, none of them trained on): {fp32:.1f} in fp32, {int8:.1f} in INT8.
  For comparison, on TweetEval's *test* set, on which this model was not measured: RoBERTa-base 71.3, FastText 62.9.
- **Limits**: English, tweet-like texts of up to 512 tokens. Irony, news and other registers are judged less well.
"""


def write_card(
    file: Path, settings: Hyperparameters, seeds: Sequence[int], trained_on: tuple[int, int], fp32: float, int8: float
) -> None:
    """Writes the card; ``trained_on`` counts ratings and tweets, ``fp32`` and ``int8`` are macro recall on TweetEval validation, in per cent."""
    runs = f" and over {len(seeds)} runs" if len(seeds) > 1 else ""
    file.write_text(
        _CARD.format(
            ratings=trained_on[0],
            trained_on=trained_on[1],
            kept=round(100 * KEPT),
            biases=" and ".join(f"{bias:+g} for {label}" for label, bias in LATER.items()),
            seeds=runs,
            emoji=len(EMOJI),
            fp32=fp32,
            int8=int8,
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            layer_decay=settings.layer_decay,
            smoothing=settings.smoothing,
            precision="bfloat16" if bfloat16_is_fast() else "fp32",
            averaged=round(100 * settings.averaged),
        ),
        encoding="utf-8",
    )
