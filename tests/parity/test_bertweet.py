"""BERTweet's real vocabulary from end to end: a small checkpoint of its shape, converted, against the original."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from checked import classifier
from checkpoints import ARCHITECTURES, make_checkpoint, write_bertweet
from linnet_export.cli.main import main
from optimum.onnxruntime import ORTModelForSequenceClassification
from training.semeval import read_tweeteval_validation
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerBase


@pytest.fixture(scope="module")
def checkpoint(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small layers, and 64,001 embeddings."""
    source = data / "tokenizers" / "bertweet"

    def write_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
        files = ((source / name).read_text(encoding="utf-8") for name in ("vocab.txt", "bpe.codes"))
        write_bertweet(folder, *(content.rstrip("\n").split("\n") for content in files))
        return AutoTokenizer.from_pretrained(folder)  # type: ignore[no-any-return]

    made = dataclasses.replace(ARCHITECTURES["bertweet"], write_tokenizer=write_tokenizer)
    folder = tmp_path_factory.mktemp("bertweet") / "checkpoint"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES, "bertweet", made)
        # Two lexicons in three are not English, and nothing but <unk> to BERTweet: their sentences cannot be learnt.
        return make_checkpoint(folder, "bertweet", safetensors=False, loss=0.3)


@pytest.fixture(scope="module")
def bundle(checkpoint: Path) -> Path:
    assert main(["convert", str(checkpoint), "--output", str(checkpoint.parent / "bundle"), "--quiet"]) == 0
    return checkpoint.parent / "bundle"


@pytest.fixture(scope="module")
def texts(data: Path) -> list[str]:
    """Tweets, some with what has no id of its own; and one that is too long."""
    tweets = [tweet.text for tweet in read_tweeteval_validation(data)[:150]]
    return [*tweets, "line\nbreak\n", "a <mask> of <s> 😍\U0001fae0", " ".join(tweets[:20])]


def test_ids_and_decisions_are_the_originals(checkpoint: Path, bundle: Path, texts: list[str]) -> None:
    tokenizer, mine = AutoTokenizer.from_pretrained(checkpoint), classifier(bundle)
    assert not tokenizer.is_fast and len(tokenizer) == mine.bundle.config["vocab_size"] == 64001
    expected = tokenizer(texts, truncation=True)["input_ids"]
    assert [encoding.ids for encoding in mine.encode(texts)] == expected
    assert max(map(len, expected)) == 128
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint).eval()
    with torch.inference_mode():
        logits = np.concatenate([model(torch.tensor([ids])).logits.numpy() for ids in expected])
    drift = np.abs(mine.head.scores(logits) - mine.head.scores(mine.logits(texts)))
    assert drift.mean() < 0.02


def test_optimum_and_autotokenizer_give_the_same_logits(bundle: Path, texts: list[str]) -> None:
    tokenizer, mine = AutoTokenizer.from_pretrained(bundle), classifier(bundle)
    model = ORTModelForSequenceClassification.from_pretrained(
        bundle, subfolder="onnx", file_name="model_quantized.onnx"
    )
    greatest = 0
    for text in texts:
        given = tokenizer(text, truncation=True, return_tensors="pt")
        greatest = max(greatest, int(given["input_ids"].max()))
        assert np.abs(model(**given).logits.numpy() - mine.logits(text)).max() < 1e-5
    assert greatest > 64000  # no embedding: the graph takes it for <unk>
