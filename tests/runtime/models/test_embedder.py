import json
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import linnet
import linnet.pipeline
import numpy as np
import numpy.typing as npt
import pytest
from linnet.bundle.opening import Bundle, open_bundle
from linnet.bundle.settings import EmbeddingSettings, Settings
from linnet.errors import BundleFormatError
from linnet.inference.batching import Batch
from linnet.names import CONFIG, GRAPH, SETTINGS
from linnet.pipeline import CHUNK, TOKEN_CHUNK
from linnet.preprocessing import Edit, PreparedText

RewriteJson = Callable[..., None]
Array = npt.NDArray[np.float32]
FLOAT32 = np.dtype(np.float32)

REFERENCE: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "tiny_embedder_reference.jsonl").read_text(encoding="utf-8").splitlines()
]
TEXTS: list[str] = [row["text"] for row in REFERENCE]
SETTINGS_OF_EMBEDDING: dict[str, Any] = {
    "task": "feature-extraction",
    "preprocessing": "none",
    "max_length": 64,
    "truncation_side": "right",
    "quantization": "per-tensor",
}


class ExactSession:
    """Stands in for a `Session`; a token's vector depends on its id and its place, and on nothing else."""

    dimension, rank = 32, 3
    threads = 2

    def __init__(self, bundle: Bundle, *, threads: int, model: bytes | None = None) -> None:
        assert bundle.graph.is_file()

    def run(self, batch: Batch) -> Array:
        places = np.arange(batch.input_ids.shape[1])
        seeds = (batch.input_ids * 31 + places * 7)[..., np.newaxis] + np.arange(32)
        return np.sin(seeds).astype(np.float32)  # type: ignore[no-any-return]

    run_alone = run


@pytest.fixture
def exact(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> linnet.Embedder:
    """An embedder of which only the session is not the real one."""
    monkeypatch.setattr(linnet.pipeline, "session_of", ExactSession)
    return linnet.Embedder(open_bundle(tiny))


def reconfigured(bundle: Path, rewrite_json: RewriteJson, **changed: object) -> linnet.Embedder:
    rewrite_json(bundle, SETTINGS, **changed)
    return linnet.Embedder(open_bundle(bundle))


def cosines(found: Array, expected: object) -> Array:
    """The cosine of each row of one with that of the other."""
    other = np.asarray(expected, dtype=np.float64)
    norms = np.linalg.norm(found, axis=-1) * np.linalg.norm(other, axis=-1)
    return (found * other).sum(axis=-1) / norms  # type: ignore[no-any-return]


def shuffled(count: int) -> list[str]:
    chance = random.Random(count)
    words = ["good", "bad", "the", "bridge", "@me", "http://x.y", "🎉", "天気"]
    return [" ".join([str(number), *chance.choices(words, k=chance.randint(0, 20))]) for number in range(count)]


def test_vectors_are_float32_a_row_a_text(embedder: linnet.Embedder) -> None:
    for count in (1, 2, 7):
        found = embedder(TEXTS[:count])
        assert (found.dtype, found.shape) == (FLOAT32, (count, embedder.dimension))
        assert np.isfinite(found).all()
    assert embedder("Good news!").shape == (1, embedder.dimension)
    assert embedder.dimension == 32


def test_no_texts_get_nothing(embedder: linnet.Embedder) -> None:
    found = embedder([])
    assert (found.dtype, found.shape) == (FLOAT32, (0, 32))
    assert list(embedder.stream([])) == embedder.tokens([]) == embedder.words([]) == []
    assert embedder.encode([]) == []


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: repr(row["text"][:12]))
def test_the_model_reads_what_the_original_reads(embedder: linnet.Embedder, row: dict[str, Any]) -> None:
    (encoding,) = embedder.encode(row["text"])
    assert encoding.ids == row["input_ids"]


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_vectors_are_the_originals(tiny_copy: Path, rewrite_json: RewriteJson, pooling: str) -> None:
    found = reconfigured(tiny_copy, rewrite_json, pooling=pooling)(TEXTS)
    expected = np.array([row[pooling] for row in REFERENCE])
    assert cosines(found, expected).min() > 0.99
    others = found @ expected.T / np.outer(np.linalg.norm(found, axis=1), np.linalg.norm(expected, axis=1))
    assert others.argmax(axis=1).tolist() == list(range(len(TEXTS)))  # and are nobody else's


@pytest.mark.parametrize("row", [row for row in REFERENCE if row["tokens"]], ids=lambda row: repr(row["text"][:12]))
def test_vectors_of_tokens_and_words_are_the_originals(embedder: linnet.Embedder, row: dict[str, Any]) -> None:
    tokens, words = embedder.tokens(row["text"]), embedder.words(row["text"])
    assert tokens.vectors.shape == (len(row["tokens"]), 32)
    assert cosines(tokens.vectors, row["tokens"]).min() > 0.99
    if row["words"]:
        assert words.vectors.shape == (len(row["words"]), 32)
        assert cosines(words.vectors, row["words"]).min() > 0.99


def test_the_reference_has_words_to_compare() -> None:
    assert sum(row["words"] is not None and len(row["words"]) > 2 for row in REFERENCE) >= 5


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_a_vector_is_pooled_over_all_its_tokens_special_ones_too(
    exact: linnet.Embedder, tiny_copy: Path, rewrite_json: RewriteJson, pooling: str, normalize: bool
) -> None:
    embedder = reconfigured(tiny_copy, rewrite_json, pooling=pooling, normalize=normalize)
    texts = shuffled(40)
    for text, found in zip(texts, embedder(texts), strict=True):
        (encoding,) = exact.encode(text)
        ids = np.array([encoding.ids])
        (vectors,) = ExactSession(exact.bundle, threads=1).run(Batch(np.array([0]), ids)).astype(float)
        expected = {"mean": sum(vectors) / len(vectors), "cls": vectors[0], "max": np.max(vectors, axis=0)}[pooling]
        if normalize:
            expected = expected / np.sqrt((expected**2).sum())
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_vectors_are_normalized_when_the_bundle_says_so(tiny_copy: Path, rewrite_json: RewriteJson) -> None:
    plain = linnet.Embedder(open_bundle(tiny_copy))(TEXTS)
    embedder = reconfigured(tiny_copy, rewrite_json, normalize=True)
    found = embedder(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found * np.linalg.norm(plain, axis=1, keepdims=True), plain, atol=1e-5)
    assert (
        np.linalg.norm(embedder.tokens(TEXTS[0]).vectors, axis=1).min() > 1.5
    )  # of which sentence-transformers' are not
    assert np.linalg.norm(embedder.words(TEXTS[0]).vectors, axis=1).min() > 1.5


def test_every_text_gets_its_own_vector_in_the_order_of_the_texts(exact: linnet.Embedder) -> None:
    texts = shuffled(300)
    alone = np.concatenate([exact(text) for text in texts])
    assert len(np.unique(alone, axis=0)) == 300
    np.testing.assert_allclose(exact(texts), alone, atol=1e-6)
    np.testing.assert_allclose(exact(texts[::-1]), alone[::-1], atol=1e-6)


@pytest.mark.parametrize("count", [CHUNK - 1, CHUNK + 1, 2 * CHUNK + 70])
def test_a_stream_is_the_list_over_again(exact: linnet.Embedder, count: int) -> None:
    texts = shuffled(count)
    streamed = list(exact.stream(iter(texts)))
    assert {vector.shape for vector in streamed} == {(32,)}
    np.testing.assert_array_equal(streamed, exact(texts))


def test_tokens_and_words_of_many_texts_are_those_of_each(exact: linnet.Embedder) -> None:
    texts = shuffled(2 * TOKEN_CHUNK + 1)
    for of_many, of_one in ((exact.tokens(iter(texts)), exact.tokens), (exact.words(texts), exact.words)):
        assert len(of_many) == len(texts)
        for text, found in zip(texts, of_many, strict=True):
            alone = of_one(text)
            assert (found.tokens, found.offsets) == (alone.tokens, alone.offsets)
            np.testing.assert_array_equal(found.vectors, alone.vectors)


@pytest.mark.parametrize(
    ("name", "ahead"), [("stream", CHUNK), ("stream_tokens", TOKEN_CHUNK), ("stream_words", TOKEN_CHUNK)]
)
def test_a_stream_reads_no_further_ahead_than_a_chunk(exact: linnet.Embedder, name: str, ahead: int) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            assert read <= 3 * ahead  # rather than to fill the memory
            yield f"text {read}"

    stream = getattr(exact, name)(endless())
    assert read == 0
    next(stream)
    assert read == ahead
    assert len(list(islice(stream, ahead - 1))) == ahead - 1
    assert read == ahead
    next(stream)
    assert read == 2 * ahead


def test_an_empty_text_has_a_vector_but_no_tokens_and_no_words(embedder: linnet.Embedder) -> None:
    assert np.abs(embedder("")).max() > 0
    for text in ("", " \n\t "):
        words = embedder.words(text)
        assert (words.vectors.shape, words.vectors.dtype) == ((0, 32), FLOAT32)
        assert words.tokens == [] and words.offsets == []
    tokens = embedder.tokens("")
    assert (tokens.vectors.shape, len(tokens)) == ((0, 32), 0)


def test_tokens_are_those_of_the_encoding_without_special_ones(embedder: linnet.Embedder) -> None:
    for text in TEXTS:
        (encoding,) = embedder.encode(text)
        found = embedder.tokens(text)
        assert found.tokens == encoding.tokens[1:-1]
        assert found.offsets == encoding.offsets[1:-1]
        assert (found.vectors.dtype, found.vectors.shape) == (FLOAT32, (len(found.tokens), 32))


def test_words_are_those_of_the_users_text(embedder: linnet.Embedder) -> None:
    text = "  @someone_else see\thttp://t.co/abc\n 天気 🎉 "
    words = embedder.words(text)
    assert words.tokens == text.split()
    assert [text[slice(*span)] for span in words.offsets] == words.tokens
    assert words.vectors.dtype == np.float32


def test_words_are_the_means_of_their_tokens(embedder: linnet.Embedder) -> None:
    text = "unpronounceable Donaudampfschifffahrt"
    tokens, words = embedder.tokens(text), embedder.words(text)
    for vector, (start, end) in zip(words.vectors, words.offsets, strict=True):
        pieces = [
            row
            for row, (token, span) in enumerate(zip(tokens.tokens, tokens.offsets, strict=True))
            if token != "▁" and span[0] < end and span[1] > start and text[slice(*span)].strip() in text[start:end]
        ]
        assert len(pieces) > 1
        np.testing.assert_allclose(vector, sum(tokens.vectors[pieces]) / len(pieces), atol=1e-5)


def test_words_beyond_the_last_token_are_left_out(embedder: linnet.Embedder) -> None:
    text = " ".join(f"word{number}" for number in range(200))
    tokens, words = embedder.tokens(text), embedder.words(text)
    assert len(tokens) == embedder.bundle.settings.max_length - 2
    assert 5 < len(words) < 62
    assert words.tokens[:-1] == text.split()[: len(words) - 1]
    assert text.split()[len(words) - 1] == words.tokens[-1]  # whole, though it may be cut


def test_truncation_on_the_left_keeps_the_last_words(tiny_copy: Path, rewrite_json: RewriteJson) -> None:
    text = " ".join(f"word{number}" for number in range(200))
    words = reconfigured(tiny_copy, rewrite_json, truncation_side="left").words(text)
    assert 5 < len(words) < 62
    assert words.tokens == text.split()[-len(words) :]
    assert words.offsets[-1][1] == len(text)


def test_texts_are_prepared_unless_they_are_said_to_be(embedder: linnet.Embedder) -> None:
    raw, prepared = "@someone http://t.co/abc", "@user http"
    for embed in (embedder, lambda text, **how: embedder.words(text, **how).vectors):
        np.testing.assert_array_equal(embed(raw), embed(prepared, preprocess=False))
        assert not np.allclose(embed(raw), embed(raw, preprocess=False))
    np.testing.assert_array_equal(next(embedder.stream([raw])), next(embedder.stream([prepared], preprocess=False)))
    assert embedder.tokens(raw).tokens == embedder.tokens(prepared, preprocess=False).tokens
    assert embedder.tokens(raw, preprocess=False).tokens == embedder.encode(raw, preprocess=False)[0].tokens[1:-1]


def test_a_word_that_preprocessing_drops_is_left_out(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drop(text: str) -> PreparedText:
        start = text.index("dropped ")
        return PreparedText(text.replace("dropped ", ""), ((Edit(start, start + 8, ""),),))

    monkeypatch.setattr(linnet.pipeline, "preprocessor", lambda name, tables: drop)
    words = linnet.Embedder(open_bundle(tiny)).words("The dropped bridge opens")
    assert words.tokens == ["The", "bridge", "opens"]
    assert words.offsets == [(0, 3), (12, 18), (19, 24)]


def test_what_is_no_text_is_refused(embedder: linnet.Embedder) -> None:
    for embed in (embedder, embedder.tokens, embedder.words, lambda texts: list(embedder.stream(texts))):
        with pytest.raises(linnet.TextTypeError, match="text 1"):
            embed(["a", None])  # type: ignore[list-item]
        with pytest.raises(linnet.TextValueError, match="text 0"):
            embed(["\ud83d"])


def test_load_goes_by_the_task(default: Path, tiny: Path) -> None:
    assert isinstance(linnet.load(), linnet.Classifier)
    assert isinstance(linnet.load(default), linnet.Classifier)
    assert isinstance(linnet.load(tiny), linnet.Embedder)
    assert isinstance(linnet.load(str(tiny)), linnet.Embedder)


def test_a_bundle_of_the_other_task_is_refused_by_name(default: Path, tiny: Path) -> None:
    with pytest.raises(BundleFormatError, match=r"tiny_embedder.*feature-extraction: linnet embed"):
        linnet.Classifier(open_bundle(tiny))
    with pytest.raises(BundleFormatError, match="text-classification: linnet classify"):
        linnet.Embedder(open_bundle(default))


def test_an_embedding_bundle_has_no_labels(tiny_copy: Path, rewrite_json: RewriteJson) -> None:
    assert open_bundle(tiny_copy).labels == ()
    rewrite_json(tiny_copy, CONFIG, id2label={"0": "LABEL_0", "1": "LABEL_1"})  # which every config has by default
    assert open_bundle(tiny_copy).labels == ()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"pooling": None}, "expected pooling to be one of mean, cls, max, found none"),
        ({"pooling": "median"}, "mean, cls, max, found 'median'"),
        ({"pooling": 1}, "pooling to be a string, found 1"),
        ({"normalize": "yes"}, "normalize to be true or false, found 'yes'"),
        ({"normalize": None}, "normalize to be true or false"),
        ({"normalize": 1}, "normalize to be true or false, found 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    tiny_copy: Path, rewrite_json: RewriteJson, changed: dict[str, object], told: str
) -> None:
    rewrite_json(tiny_copy, SETTINGS, **changed)
    with pytest.raises(BundleFormatError) as caught:
        open_bundle(tiny_copy)
    assert SETTINGS in str(caught.value)
    assert told in str(caught.value)
    assert str(tiny_copy) in str(caught.value)


@pytest.mark.parametrize("changed", [{"pooling": "mean"}, {"normalize": True}])
def test_a_classifier_has_no_pooling(bundle_copy: Path, rewrite_json: RewriteJson, changed: dict[str, object]) -> None:
    rewrite_json(bundle_copy, SETTINGS, **changed)
    with pytest.raises(BundleFormatError, match="no pooling"):
        open_bundle(bundle_copy)


def test_settings_are_written_as_they_are_read() -> None:
    plain = Settings(**{**SETTINGS_OF_EMBEDDING, "task": "text-classification"})
    assert set(plain.as_json()) == set(SETTINGS_OF_EMBEDDING)
    pooled = Settings(**SETTINGS_OF_EMBEDDING, embedding=EmbeddingSettings("cls", normalize=True))
    assert pooled.as_json() == {**SETTINGS_OF_EMBEDDING, "pooling": "cls", "normalize": True}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"hidden_size": 48}, "(batch, seq, 48)"),
        ({"hidden_size": None}, "hidden_size to be a whole number"),
        ({"hidden_size": 0}, "hidden_size of at least 1"),
        ({"model_type": "distilbert"}, "dim to be a whole number"),
    ],
)
def test_a_hidden_size_that_does_not_fit_is_refused_at_load(
    tiny_copy: Path, rewrite_json: RewriteJson, changed: dict[str, object], told: str
) -> None:
    rewrite_json(tiny_copy, CONFIG, **changed)
    with pytest.raises(BundleFormatError) as caught:
        linnet.load(tiny_copy)
    assert told in str(caught.value)
    assert str(tiny_copy) in str(caught.value)


def test_distilbert_calls_its_hidden_size_dim(tiny_copy: Path, rewrite_json: RewriteJson) -> None:
    rewrite_json(tiny_copy, CONFIG, model_type="distilbert", dim=32, hidden_size=None)
    assert open_bundle(tiny_copy).hidden_size == 32


def test_the_graph_of_a_classifier_is_refused_at_load(bundle_copy: Path, rewrite_json: RewriteJson, tiny: Path) -> None:
    # Whose three logits might else pass for vectors of three dimensions.
    rewrite_json(bundle_copy, SETTINGS, task="feature-extraction", pooling="mean")
    rewrite_json(bundle_copy, CONFIG, hidden_size=3)
    with pytest.raises(BundleFormatError, match="found 2 dimensions, the last one 3"):
        linnet.load(bundle_copy)
    assert (tiny / GRAPH).is_file()


def test_an_embedder_says_what_it_runs(embedder: linnet.Embedder, tiny: Path) -> None:
    assert repr(embedder) == f"Embedder({str(tiny)!r}, dimension=32)"


def test_a_text_without_a_token_is_refused(tiny_copy: Path, rewrite: Callable[[Path, str, bytes], None]) -> None:
    """A bundle that was edited by hand may have a tokenizer without special tokens."""
    tokenizer = json.loads((tiny_copy / "tokenizer.json").read_bytes())
    rewrite(tiny_copy, "tokenizer.json", json.dumps({**tokenizer, "post_processor": None}).encode())
    embedder = linnet.load_embedder(tiny_copy)
    assert embedder(["a"]).shape == (1, embedder.dimension)
    for texts in ([""], ["a", "", "b"], ["a"] * 100 + [""]):
        with pytest.raises(linnet.TextValueError, match="at least one token in each text"):
            embedder(texts)
    with pytest.raises(linnet.TextValueError, match="at least one token in each text"):
        embedder.tokens("")
