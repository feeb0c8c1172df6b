"""The runtime's vectors against transformers' own, for every kind of tokenizer as transformers makes it."""

from collections.abc import Sequence
from dataclasses import dataclass

import linnet
import numpy as np
import numpy.typing as npt
import pytest
import torch
from checkpoints import ARCHITECTURES, sentences
from training.tiny import write_bundle
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast

SENTENCES = [
    *(" ".join(text.split()) for text, _ in sentences(60)),
    "the bridge opens unbelievably early 🎉",
    "天気 がいい 。",
    "word " * 300,
]
# With a space in front, a byte-level tokenizer reads the first word as it reads it apart.
TEXTS = [*SENTENCES, *(f" {text}" for text in SENTENCES)]
MARKS = ("▁", "Ġ")


@dataclass(frozen=True)
class Original:
    """A small encoder with random weights, large enough that every layer tells, and its bundle."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    splitting: PreTrainedTokenizerFast
    embedder: linnet.Embedder

    @torch.inference_mode()
    def vectors(self, text: str) -> npt.NDArray[np.float32]:
        inputs = self.tokenizer(text, truncation=True, return_tensors="pt")
        inputs.pop("token_type_ids", None)
        return self.model(**inputs).last_hidden_state[0].numpy()  # type: ignore[no-any-return]

    def pieces(self, text: str) -> dict[int, list[int]] | None:
        """Which tokens each word has when the words are encoded apart; None where that gives other ids."""
        split = self.splitting(text.split(), is_split_into_words=True, truncation=True)
        if split["input_ids"] != self.tokenizer(text, truncation=True)["input_ids"]:
            return None
        pieces: dict[int, list[int]] = {}
        for at, word in enumerate(split.word_ids()):
            if word is not None and split.tokens()[at] not in MARKS:
                pieces.setdefault(word, []).append(at)
        return pieces


FAST = [name for name in ARCHITECTURES if name != "bertweet"]  # whose own tokenizer does not tell words


@pytest.fixture(scope="module", params=FAST)
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Original:
    made, folder = ARCHITECTURES[request.param], tmp_path_factory.mktemp(request.param)
    (folder / "checkpoint").mkdir()
    config = made.config(**made.settings, initializer_range=0.2)
    config.save_pretrained(folder / "checkpoint")
    tokenizer = made.write_tokenizer(folder / "checkpoint")
    assert isinstance(tokenizer, PreTrainedTokenizerFast)
    tokenizer.model_max_length = 128
    config.vocab_size = len(tokenizer)
    torch.manual_seed(0)
    model = AutoModel.from_config(config).eval()
    write_bundle(model, tokenizer, folder / "bundle", folder)
    splitting = AutoTokenizer.from_pretrained(folder / "checkpoint", add_prefix_space=True, model_max_length=128)
    embedder = linnet.load(folder / "bundle")
    assert isinstance(embedder, linnet.Embedder)
    return Original(model, tokenizer, splitting, embedder)


def least_cosine(found: npt.NDArray[np.float32], expected: Sequence[object] | npt.NDArray[np.float32]) -> float:
    other = np.asarray(expected)
    norms = np.linalg.norm(found, axis=-1) * np.linalg.norm(other, axis=-1)
    return float(((found * other).sum(axis=-1) / norms).min())


def test_texts_and_tokens_have_the_originals_vectors(original: Original) -> None:
    for text in TEXTS:
        expected = original.vectors(text)
        assert least_cosine(original.embedder(text, preprocess=False), [expected.mean(axis=0)]) > 0.98
        found = original.embedder.tokens(text, preprocess=False)
        assert found.tokens == original.tokenizer.tokenize(text, truncation=True, add_special_tokens=True)[1:-1]
        assert found.vectors.shape == expected[1:-1].shape
        assert len(found) == 0 or least_cosine(found.vectors, expected[1:-1]) > 0.95


def test_words_have_the_mean_of_the_pieces_that_encoding_them_apart_gives(original: Original) -> None:
    compared = 0
    for text in TEXTS:
        pieces = original.pieces(text)
        if not pieces:
            continue
        compared += 1
        found, tokens = (
            original.embedder.words(text, preprocess=False),
            original.embedder.tokens(text, preprocess=False),
        )
        assert found.tokens == [text.split()[word] for word in pieces]
        np.testing.assert_allclose(
            found.vectors, [tokens.vectors[[at - 1 for at in own]].mean(axis=0) for own in pieces.values()], atol=1e-5
        )
        expected = original.vectors(text)
        assert least_cosine(found.vectors, [expected[own].mean(axis=0) for own in pieces.values()]) > 0.95
    assert compared > 0.9 * len(SENTENCES)


def test_no_word_of_a_text_is_missing_but_what_the_tokenizer_drops(original: Original) -> None:
    for text in TEXTS:
        kept = [word for word in text.split() if set(original.splitting.tokenize(f" {word}")) - set(MARKS)]
        if len(original.tokenizer(text)["input_ids"]) <= 128:
            assert original.embedder.words(text, preprocess=False).tokens == kept
