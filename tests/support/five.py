"""Makes checkpoints like the five that the project exists for: their architecture, labels, and exactly their files.

The weights are small and trained for a few seconds, or of full size and random; the vocabularies are the real
ones where the folder of data has them.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from checkpoints import ARCHITECTURES, train, write_bertweet_settings
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
    RobertaConfig,
    XLMRobertaConfig,
)

_NUMBERED = ("LABEL_0", "LABEL_1", "LABEL_2")
_NAMED = ("negative", "neutral", "positive")
_OTHER_FRAMEWORKS = ("tf_model.h5", "flax_model.msgpack", "training_args.bin", ".gitattributes")
_BASE: dict[str, Any] = {
    "num_hidden_layers": 12,
    "hidden_size": 768,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
}
_SMALL: dict[str, Any] = {"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 4, "intermediate_size": 128}


@dataclass(frozen=True)
class Known:
    """One of the five: its hub id, what it is made of, and the files that its repository has."""

    id: str
    vocabulary: str
    config: type[PretrainedConfig]
    positions: int
    labels: tuple[str, ...] | None
    tokenizer_files: tuple[str, ...]
    card: str = "language: en"

    @property
    def name(self) -> str:
        """The recipe's name, too."""
        return self.id.split("/")[1]

    @property
    def files(self) -> set[str]:
        """What a conversion reads of it."""
        return {"README.md", "config.json", "pytorch_model.bin", *self.tokenizer_files}


_SLOW_UNIGRAM = ("sentencepiece.bpe.model", "special_tokens_map.json")
_UNIGRAM = ("sentencepiece.bpe.model", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json")
_BYTE_LEVEL = ("merges.txt", "special_tokens_map.json", "vocab.json")
_BERTWEET = ("added_tokens.json", "bpe.codes", "special_tokens_map.json", "tokenizer_config.json", "vocab.txt")

FIVE = (
    Known("cardiffnlp/twitter-roberta-base-sentiment", "roberta", RobertaConfig, 514, _NUMBERED, _BYTE_LEVEL),
    Known("cardiffnlp/twitter-xlm-roberta-base-sentiment", "xlm-roberta", XLMRobertaConfig, 514, _NUMBERED, _SLOW_UNIGRAM),
    Known("cardiffnlp/twitter-xlm-roberta-base-sentiment-multilingual", "xlm-roberta", XLMRobertaConfig, 514, _NAMED, _UNIGRAM),
    Known("finiteautomata/bertweet-base-sentiment-analysis", "bertweet", RobertaConfig, 130, ("NEG", "NEU", "POS"), _BERTWEET),
    Known("cardiffnlp/twitter-xlm-roberta-base", "xlm-roberta", XLMRobertaConfig, 514, None, _UNIGRAM),
)  # fmt: skip


def make_known(folder: Path, known: Known, *, vocabularies: Path | None = None, full_size: bool = False) -> Path:
    """Writes a checkpoint like ``known``; ``vocabularies`` is a folder with the real ones."""
    folder.mkdir(parents=True)
    config = _config(known, full_size)
    config.save_pretrained(folder)  # first: AutoTokenizer finds the tokenizer's class by it
    tokenizer = _tokenizer(folder, known, vocabularies)
    config.vocab_size = len(tokenizer)
    torch.manual_seed(0)
    kind: Any = AutoModelForSequenceClassification if known.labels else AutoModelForMaskedLM
    model = kind.from_config(config).eval()
    if known.labels and not full_size:
        # Quicker than to learn them: vectors so far apart that the layers above can tell them.
        embeddings = model.base_model.embeddings.word_embeddings.weight.requires_grad_(False)
        torch.nn.init.normal_(embeddings, std=0.2)
        train(model, tokenizer, exclusive=True, enough=0.3)
    model.save_pretrained(folder, safe_serialization=False)
    _as_published(folder, known)
    return folder


def _config(known: Known, full_size: bool) -> PretrainedConfig:
    labels: dict[str, Any] = {}
    if known.labels:
        labels["id2label"] = dict(enumerate(known.labels))
        labels["label2id"] = {label: index for index, label in enumerate(known.labels)}
    if known.vocabulary == "bertweet":
        labels["tokenizer_class"] = "BertweetTokenizer"
    return known.config(
        **(_BASE if full_size else _SMALL),
        **labels,
        max_position_embeddings=known.positions,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
    )


def _tokenizer(folder: Path, known: Known, vocabularies: Path | None) -> Any:
    if vocabularies is None:
        ARCHITECTURES[known.vocabulary].write_tokenizer(folder)
    else:
        shutil.copytree(vocabularies / known.vocabulary, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
        if known.vocabulary == "bertweet":
            write_bertweet_settings(folder, mask_token_id=64000)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    saved = folder / "saved"
    tokenizer.save_pretrained(saved)
    for name in set(known.tokenizer_files) - {file.name for file in folder.iterdir()}:
        shutil.copyfile(saved / name, folder / name)
    shutil.rmtree(saved)
    return tokenizer


def _as_published(folder: Path, known: Known) -> None:
    """Leaves exactly the files of the repository, those that no conversion reads among them."""
    (folder / "README.md").write_text(f"---\n{known.card}\n---\n# {known.name}\n")
    for file in folder.iterdir():
        if file.name not in known.files:
            file.unlink()
    for name in _OTHER_FRAMEWORKS:
        (folder / name).write_bytes(b"not read")
