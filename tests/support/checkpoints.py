"""Makes small checkpoints of every architecture: real tokenizer algorithms, weights trained for a few seconds."""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from linnet_export.builtin_texts import builtin_texts
from tokenizers import ByteLevelBPETokenizer, Tokenizer
from tokenizers.implementations import BertWordPieceTokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.trainers import BpeTrainer
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    BertTokenizerFast,
    DistilBertConfig,
    DistilBertTokenizerFast,
    PretrainedConfig,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaTokenizer,
)

LABELS = ("negative", "neutral", "positive")

_LEXICON = {
    "positive": [
        "love",
        "great",
        "happy",
        "best",
        "lovely",
        "proud",
        "grateful",
        "😍",
        "❤️",
        "super",
        "schön",
        "bueno",
        "ótimo",
        "bello",
        "хорошо",
        "好",
        "最高",
        "bagus",
    ],
    "negative": [
        "hate",
        "awful",
        "sad",
        "worst",
        "angry",
        "broken",
        "never",
        "😡",
        "💔",
        "nul",
        "schlecht",
        "malo",
        "ruim",
        "brutto",
        "плохо",
        "差",
        "最悪",
        "buruk",
    ],
}
_SMALL = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
_ROBERTA = {"max_position_embeddings": 130, "pad_token_id": 1, "type_vocab_size": 1}


@dataclass(frozen=True)
class Architecture:
    """How to write the tokenizer's files into a folder, and the config that goes with it."""

    write_tokenizer: Callable[[Path], PreTrainedTokenizerBase]
    config: type[PretrainedConfig]
    settings: dict[str, Any]


@dataclass(frozen=True)
class Converted:
    """A small checkpoint and the bundle that was made of it."""

    architecture: str
    checkpoint: Path
    bundle: Path


@cache
def corpus() -> list[str]:
    """The project's own texts of common length, and the lexicon, often enough to be learnt."""
    words = [word for words in _LEXICON.values() for word in words]
    return [text for text in builtin_texts() if len(text) < 300] + 20 * [" ".join(words)]


def _word_piece(folder: Path, kind: type[PreTrainedTokenizerFast]) -> PreTrainedTokenizerFast:
    trained = BertWordPieceTokenizer(lowercase=True)
    trained.train_from_iterator(corpus(), vocab_size=1500, show_progress=False)
    trained.save_model(str(folder))
    tokenizer = kind(vocab_file=str(folder / "vocab.txt"), model_max_length=128)
    tokenizer.save_pretrained(folder)
    return tokenizer


def _byte_level_bpe(folder: Path) -> PreTrainedTokenizerFast:
    """Only ``vocab.json`` and ``merges.txt``, as the cardiffnlp RoBERTa repositories have."""
    trained = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator(corpus(), vocab_size=1500, special_tokens=special, show_progress=False)
    trained.save_model(str(folder))
    return RobertaTokenizerFast.from_pretrained(folder)  # type: ignore[no-any-return]


def _unigram(folder: Path) -> PreTrainedTokenizerFast:
    """Only ``sentencepiece.bpe.model``, as the cardiffnlp XLM-R repositories have."""
    lines = (line for text in corpus() for line in text.replace("\0", " ").splitlines())
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines,
        model_prefix=str(folder / "trained"),
        vocab_size=2400,
        model_type="unigram",
        character_coverage=1.0,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    (folder / "trained.vocab").unlink()
    (folder / "trained.model").rename(folder / XLMRobertaTokenizer.vocab_files_names["vocab_file"])
    return AutoTokenizer.from_pretrained(folder)  # type: ignore[no-any-return]


def _bertweet(folder: Path) -> PreTrainedTokenizerBase:
    """The files of finiteautomata's BERTweet repository; rare characters, and some outcomes of merges, have no piece."""
    trained = Tokenizer(BPE(end_of_word_suffix="</w>"))
    trained.pre_tokenizer = WhitespaceSplit()
    texts = [text for text in corpus() if "<" not in text]  # no merges of special tokens
    trained.train_from_iterator(texts, BpeTrainer(vocab_size=3500, end_of_word_suffix="</w>", show_progress=False))
    merges = json.loads(trained.to_str())["model"]["merges"]
    characters = Counter(character for text in corpus() for character in text if not character.isspace())
    symbols = ["".join(pair) for pair in merges]
    pieces = [symbol.removesuffix("</w>") if symbol.endswith("</w>") else f"{symbol}@@" for symbol in symbols]
    learnt = {word for words in _LEXICON.values() for word in words}
    pieces = [piece for number, piece in enumerate(pieces) if number % 10 or piece in learnt]
    pieces += [piece for character, count in characters.items() if count > 2 for piece in (character, f"{character}@@")]
    write_bertweet(folder, [f"{piece} 1" for piece in pieces], [f"{left} {right} 1" for left, right in merges])
    return AutoTokenizer.from_pretrained(folder)  # type: ignore[no-any-return]


def write_bertweet(folder: Path, vocabulary: list[str], codes: list[str]) -> None:
    """Writes the lines of ``vocab.txt`` and ``bpe.codes``, and what goes with them."""
    (folder / "vocab.txt").write_text("".join(f"{line}\n" for line in vocabulary), encoding="utf-8")
    (folder / "bpe.codes").write_text("".join(f"{line}\n" for line in codes), encoding="utf-8")
    write_bertweet_settings(folder, mask_token_id=4 + len(vocabulary))


def write_bertweet_settings(folder: Path, *, mask_token_id: int) -> None:
    """Writes the JSON files that go with ``vocab.txt`` and ``bpe.codes``."""
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>"}
    special |= {"pad_token": "<pad>", "cls_token": "<s>", "mask_token": "<mask>"}
    for name, content in (
        ("tokenizer_config.json", {"normalization": False, "model_max_length": 128}),
        ("special_tokens_map.json", special),
        ("added_tokens.json", {"<mask>": mask_token_id}),
    ):
        (folder / name).write_text(json.dumps(content))


ARCHITECTURES = {
    "bert": Architecture(
        lambda folder: _word_piece(folder, BertTokenizerFast), BertConfig, {**_SMALL, "max_position_embeddings": 128}
    ),
    "distilbert": Architecture(
        lambda folder: _word_piece(folder, DistilBertTokenizerFast),
        DistilBertConfig,
        {"dim": 64, "n_layers": 2, "n_heads": 4, "hidden_dim": 128, "max_position_embeddings": 128},
    ),
    "roberta": Architecture(
        _byte_level_bpe,
        RobertaConfig,
        {**_SMALL, **_ROBERTA},
    ),
    "xlm-roberta": Architecture(_unigram, XLMRobertaConfig, {**_SMALL, **_ROBERTA}),
    "bertweet": Architecture(
        _bertweet,
        RobertaConfig,
        {**_SMALL, **_ROBERTA, "tokenizer_class": "BertweetTokenizer"},
    ),
}


def make_checkpoint(
    folder: Path,
    architecture: str,
    *,
    labels: tuple[str, ...] = LABELS,
    problem_type: str | None = None,
    safetensors: bool = True,
    loss: float = 0.05,
) -> Path:
    """Writes a small checkpoint, trained to that loss; a head that is not exclusive learns each label by itself."""
    folder.mkdir(parents=True)
    made = ARCHITECTURES[architecture]
    # The config first: AutoTokenizer finds the tokenizer's class by it.
    config = made.config(
        **made.settings,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        problem_type=problem_type,
    )
    config.save_pretrained(folder)
    tokenizer = made.write_tokenizer(folder)
    config.vocab_size = len(tokenizer)
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_config(config).eval()  # no dropout: quicker to learn
    train(model, tokenizer, exclusive=len(labels) > 1 and problem_type != "multi_label_classification", enough=loss)
    model.save_pretrained(folder, safe_serialization=safetensors)
    return folder


def sentences(count: int = 150) -> list[tuple[str, str]]:
    """Sentences of the kind that the small checkpoints learnt, each with its label; not those they learnt from."""
    chance = random.Random(1)
    return [(_sentence(chance, label), label) for label in count * LABELS][:count]


def _sentence(chance: random.Random, label: str) -> str:
    words = chance.choice(corpus()).split()[: chance.randint(0, 14)]
    for _ in range(chance.randint(1, 3) if label in _LEXICON else 0):
        words.insert(chance.randint(0, len(words)), chance.choice(_LEXICON[label]))
    return " ".join(words)


def train(model: Any, tokenizer: PreTrainedTokenizerBase, *, exclusive: bool, enough: float = 0.05) -> None:
    """Until the loss is small, which takes a few seconds."""
    chance = random.Random(0)
    optimizer = torch.optim.AdamW([weights for weights in model.parameters() if weights.requires_grad], lr=1e-3)
    labels = list(model.config.id2label.values())
    places = labels if set(labels) <= set(LABELS) else list(LABELS)  # by other names they stand in the same order
    running = 1.0
    for _ in range(2000):
        truth = [chance.choice(LABELS) for _ in range(32)]
        texts = [_sentence(chance, label) for label in truth]
        logits = model(**tokenizer(texts, padding=True, truncation=True, max_length=64, return_tensors="pt")).logits
        if exclusive:
            loss = torch.nn.functional.cross_entropy(logits, torch.tensor([places.index(label) for label in truth]))
        else:
            target = torch.tensor([[float(label == name) for name in labels] for label in truth])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, target)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        running += 0.1 * (loss.item() - running)
        if running < enough:
            return
    raise AssertionError(f"the small {model.config.model_type} did not learn: loss {running:.2f}")
