import json
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linnet.postprocessing.words import TokenEmbeddings, of_tokens, of_words
from linnet.preprocessing import Edit, PreparedText, tweeteval
from linnet.tokenization.encoding import Encoding
from linnet.tokenization.tokenizer import Tokenizer
from tokenizers import Tokenizer as Raw
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = ["the quick brown fox jumps over", "hello world", "good news today", "unhappily", "@user http"]
SPECIAL = ["<s>", "</s>", "<unk>"]
TEXTS = [
    "hello world",
    "  hello   world  ",
    "\thello\nworld\r\n",
    "unhappily ever after",
    "天気 がいい 。",
    "good 🎉 news 👩‍👩‍👧‍👧!",
    "hello\u00a0world\u3000again\u2028there",
    "e\u0301 Ü ÅÅ",
    "x",
    "a b c d e f g h",
    "zz! (zz)",
]


def word_piece() -> Raw:
    raw = Raw(models.WordPiece(unk_token="<unk>"))
    raw.normalizer = normalizers.BertNormalizer(lowercase=True)
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.train_from_iterator(
        [*CORPUS, *TEXTS], trainers.WordPieceTrainer(vocab_size=90, special_tokens=SPECIAL, show_progress=False)
    )
    return framed(raw)


def byte_level(*, trim: bool, prefix: bool) -> Raw:
    raw = Raw(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    raw.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    raw.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(vocab_size=290, initial_alphabet=alphabet, special_tokens=SPECIAL, show_progress=False),
    )
    raw.post_processor = processors.RobertaProcessing(
        ("</s>", 1), ("<s>", 0), trim_offsets=trim, add_prefix_space=prefix
    )
    return raw


def unigram(scheme: str, *, split: bool) -> Raw:
    raw = Raw(models.Unigram())
    raw.normalizer = normalizers.NFKC()
    raw.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    trainer = trainers.UnigramTrainer(vocab_size=90, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    raw.train_from_iterator([*CORPUS, *TEXTS], trainer)
    return framed(raw)


def framed(raw: Raw) -> Raw:
    raw.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    return raw


KINDS: dict[str, Callable[[], Raw]] = {
    "WordPiece": word_piece,
    "byte-level BPE": lambda: byte_level(trim=True, prefix=False),
    "byte-level BPE, offsets with the space": lambda: byte_level(trim=False, prefix=False),
    "byte-level BPE with a space in front": lambda: byte_level(trim=True, prefix=True),
    "Unigram": lambda: unigram("always", split=True),
    "Unigram across spaces": lambda: unigram("first", split=False),
    "Unigram without a space in front": lambda: unigram("never", split=True),
}


@pytest.fixture(params=list(KINDS), scope="module")
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    raw = json.dumps(json.loads(KINDS[request.param]().to_str())).encode()
    return Tokenizer(raw, max_length=400, truncation_side="right")


def words_of(text: str, encoding: Encoding) -> TokenEmbeddings:
    """The words, from vectors that say of which piece each is."""
    return of_words(text, encoding, np.eye(len(encoding.ids), dtype=np.float32))


def pieces_of(found: TokenEmbeddings, row: int) -> list[int]:
    """Which pieces a word is the mean of."""
    return np.flatnonzero(found.vectors[row]).tolist()  # type: ignore[no-any-return]


def encoding(*pieces: tuple[str, int, int]) -> Encoding:
    """An encoding of these pieces between two special tokens."""
    tokens = [piece for piece, _, _ in pieces]
    spans = [(start, end) for _, start, end in pieces]
    ones = [0] * len(pieces)
    return Encoding(
        [0, *range(3, 3 + len(pieces)), 1], ["<s>", *tokens, "</s>"], [(0, 0), *spans, (0, 0)], [1, *ones, 1]
    )


@pytest.mark.parametrize("text", TEXTS)
def test_every_kind_of_tokenizer_gives_the_words_of_the_text(tokenizer: Tokenizer, text: str) -> None:
    (found,) = tokenizer.encode([PreparedText(text)], trimmed=True)
    words = words_of(text, found)
    assert words.tokens == text.split()
    assert [text[slice(*span)] for span in words.offsets] == text.split()
    np.testing.assert_allclose(words.vectors.sum(axis=1), 1, atol=1e-6)
    counted = [piece for row in range(len(words)) for piece in pieces_of(words, row)]
    for piece, offset in enumerate(found.offsets[1:-1], 1):
        if found.tokens[piece] in ("▁", "Ġ"):
            assert piece not in counted
        else:
            assert counted.count(piece) == len(text[slice(*offset)].split())


def test_every_kind_of_tokenizer_gives_each_word_the_pieces_that_spell_it(tokenizer: Tokenizer) -> None:
    text = "  unhappily  hello\tx "
    (found,) = tokenizer.encode([PreparedText(text)], trimmed=True)
    words = words_of(text, found)
    for row, (start, end) in enumerate(words.offsets):
        spelt = "".join(text[slice(*found.offsets[piece])] for piece in pieces_of(words, row))
        assert spelt.strip() == text[start:end]


@given(st.text(alphabet="ab \t\n天🎉é▁Ġ\u00a0.@", max_size=30))
def test_words_of_any_text_are_among_its_words_in_order(text: str) -> None:
    (found,) = ANY.encode([PreparedText(text)], trimmed=True)
    words = words_of(text, found)
    assert words.tokens == [text[slice(*span)] for span in words.offsets]
    assert words.tokens == text.split()


ANY = Tokenizer(byte_level(trim=True, prefix=False).to_str().encode(), max_length=400, truncation_side="right")


def test_a_word_is_the_mean_over_its_pieces() -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    found = of_words("good news", encoding(("go", 0, 2), ("od", 2, 4), ("Ġnew", 4, 8), ("s", 8, 9)), vectors)
    assert (found.tokens, found.offsets) == (["good", "news"], [(0, 4), (5, 9)])
    assert found.vectors.dtype == np.float32
    np.testing.assert_allclose(found.vectors, [(vectors[1] + vectors[2]) / 2, (vectors[3] + vectors[4]) / 2], atol=1e-7)


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        ("Go on", [("▁", 0, 1), ("Go", 0, 2), ("▁", 2, 3), ("on", 3, 5)], {"Go": [2], "on": [4]}),
        ("Go on", [("Ġ", 0, 1), ("Go", 0, 2), ("Ġ", 3, 3), ("on", 3, 5)], {"Go": [2], "on": [4]}),
        ("▁ Ġ", [("▁", 0, 1), ("Ġ", 2, 3)], {"▁": [1], "Ġ": [2]}),
        ("a b", [("▁a▁b", 0, 3)], {"a": [1], "b": [1]}),
        ("cut off", [("cut", 0, 3)], {"cut": [1]}),
        ("cut off", [("off", 4, 7)], {"off": [1]}),
        ("\u200b a", [("a", 2, 3)], {"a": [1]}),
        ("ab", [("", 1, 1), ("ab", 0, 2)], {"ab": [2]}),
        ("", [], {}),
        (" \t ", [("▁", 0, 1)], {}),
    ],
)
def test_which_pieces_a_word_has(text: str, pieces: list[tuple[str, int, int]], expected: dict[str, list[int]]) -> None:
    words = words_of(text, encoding(*pieces))
    assert {word: pieces_of(words, row) for row, word in enumerate(words.tokens)} == expected
    assert words.vectors.shape == (len(expected), len(pieces) + 2)


def test_a_word_that_preprocessing_replaced_has_all_pieces_of_the_replacement(tokenizer: Tokenizer) -> None:
    text = "@someone_long said http://t.co/abc"
    (found,) = tokenizer.encode([tweeteval(text)], trimmed=True)
    words = words_of(text, found)
    assert words.tokens == text.split()
    spelt = "".join(found.tokens[piece] for piece in pieces_of(words, 0)).replace("##", "").strip("▁Ġ")
    assert spelt in ("@user", "<unk>user", "@<unk>")


def test_a_replacement_of_several_words_counts_to_each(tokenizer: Tokenizer) -> None:
    text, edit = "hello good bad world", Edit(6, 14, "news")
    (found,) = tokenizer.encode([PreparedText("hello news world", ((edit,),))], trimmed=True)
    words = words_of(text, found)
    assert words.tokens == ["hello", "good", "bad", "world"]
    assert pieces_of(words, 1) == pieces_of(words, 2) != []


def test_a_word_that_preprocessing_dropped_is_left_out(tokenizer: Tokenizer) -> None:
    (found,) = tokenizer.encode([PreparedText("news brown", ((Edit(5, 9, ""),),))], trimmed=True)
    assert words_of("news bad brown", found).tokens == ["news", "brown"]


def test_tokens_are_the_encoding_without_what_frames_it() -> None:
    given_ = encoding(("a", 0, 1), ("▁", 1, 2), ("b", 2, 3))
    vectors = np.arange(10, dtype=np.float32).reshape(5, 2)
    found = of_tokens("a b", given_, vectors)
    assert (found.tokens, found.offsets) == (["a", "▁", "b"], [(0, 1), (1, 2), (2, 3)])
    np.testing.assert_array_equal(found.vectors, vectors[1:-1])


@pytest.mark.parametrize("side", ["right", "left"])
def test_words_of_a_long_text_are_those_that_were_read(side: str) -> None:
    """The others are not even listed: a million spans would take some 100 MB."""
    text = "hello world " * 500_000
    content = word_piece().to_str().encode()
    tokenizer = Tokenizer(content, max_length=8, truncation_side=side)
    read = slice(1200) if side == "right" else slice(len(text) - 1200, None)
    (encoding,) = tokenizer.encode([PreparedText(text[read]).as_part(read.start or 0)], trimmed=True)
    tracemalloc.start()
    found = of_words(text, encoding, np.ones((len(encoding.ids), 2), np.float32))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert len(found) > 1
    assert {text[slice(*span)] for span in found.offsets} <= {"hello", "world"}
    assert [span[0] for span in found.offsets][0 if side == "right" else -1] == (
        0 if side == "right" else len(text) - 6
    )
