"""The real vocabularies on every tweet at hand, and on texts made to be awkward: ids identical to the original's."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import linnet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linnet.names import TOKENIZER
from linnet.preprocessing import PreparedText
from linnet.tasks import CLASSIFICATION
from linnet.texts import as_texts
from linnet.tokenization.encoding import Encoding
from linnet.tokenization.tokenizer import Tokenizer
from linnet_export.bundle.writer import write_tokenizer
from linnet_export.checkpoint.reading import Checkpoint
from transformers import AutoTokenizer, PreTrainedTokenizerBase, RobertaConfig, XLMRobertaConfig

CONFIGS = {
    "roberta": RobertaConfig(pad_token_id=1, max_position_embeddings=514, vocab_size=50265),
    "xlm-roberta": XLMRobertaConfig(pad_token_id=1, max_position_embeddings=514, vocab_size=250002),
    "bertweet": RobertaConfig(
        pad_token_id=1, max_position_embeddings=130, vocab_size=64001, tokenizer_class="BertweetTokenizer"
    ),
}


@dataclass(frozen=True)
class Family:
    """A real vocabulary: the tokenizer of the bundle that is made of it, and transformers' own."""

    mine: Tokenizer
    original: PreTrainedTokenizerBase
    max_length: int

    def differing(self, texts: list[str]) -> list[str]:
        """The texts of which the ids are not the original's."""
        expected = self.original(texts, truncation=True, max_length=self.max_length)["input_ids"]
        return [text for text, a, b in zip(texts, expected, self.mine.ids(texts), strict=True) if a != b.ids]

    def encode(self, texts: list[str]) -> list[Encoding]:
        return self.mine.encode([PreparedText(text) for text in texts])


@pytest.fixture(scope="module")
def families(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Family]:
    """Each made once: BERTweet's slow tokenizer is quick only with words that it has met."""
    return {name: _family(name, data, tmp_path_factory.mktemp(name)) for name in CONFIGS}


def _family(name: str, data: Path, folder: Path) -> Family:
    source, bundle, config = folder / "checkpoint", folder / "bundle", CONFIGS[name]
    shutil.copytree(data / "tokenizers" / name, source)
    config.save_pretrained(source)
    bundle.mkdir()
    checkpoint = Checkpoint(source, config, CLASSIFICATION)
    max_length = checkpoint.max_length
    write_tokenizer(checkpoint, bundle, folder / "scratch")
    mine = Tokenizer(
        (bundle / TOKENIZER).read_bytes(),
        max_length=max_length,
        truncation_side="right",
        vocab_size=config.vocab_size,
        unk_token_id=checkpoint.unk_token_id,
    )
    return Family(mine, AutoTokenizer.from_pretrained(source), max_length)


@pytest.fixture(params=list(CONFIGS))
def family(request: pytest.FixtureRequest, families: dict[str, Family]) -> Family:
    """Each vocabulary in turn."""
    return families[request.param]


def test_ids_and_offsets_are_identical_on_every_tweet(family: Family, tweets: list[str]) -> None:
    """BERTweet's slow tokenizer gives no offsets."""
    assert len(tweets) > 65_000
    fast = family.original.is_fast
    expected = family.original(tweets, truncation=True, max_length=family.max_length, return_offsets_mapping=fast)
    rows = zip(tweets, expected["input_ids"], family.mine.ids(tweets), strict=True)
    assert [text for text, a, b in rows if a != b.ids] == []
    if fast:
        spans = ([tuple(span) for span in row] for row in expected["offset_mapping"])
        found = family.encode(tweets)
        assert [text for text, a, b in zip(tweets, found, spans, strict=True) if a.offsets != b] == []


def test_bertweets_offsets_are_of_the_characters_of_its_pieces(families: dict[str, Family], tweets: list[str]) -> None:
    """Its slow tokenizer gives none. A piece is its characters, and a text all of its pieces but for white space."""
    family = families["bertweet"]
    texts = [text for text in tweets[::5] if len(text.split()) < 40]
    assert [text for text, found in zip(texts, family.encode(texts), strict=True) if not _covers(text, found)] == []


def _covers(text: str, encoding: Encoding) -> bool:
    inner = list(zip(encoding.tokens, encoding.offsets, strict=True))[1:-1]
    whole = "".join(text[slice(*span)] for _, span in inner)
    cut = len("".join(text.split())) > len(whole)
    return (cut or whole.split() == "".join(text.split()).split()) and all(
        token in ("<unk>", text[slice(*span)], f"{text[slice(*span)]}</w>") for token, span in inner
    )


SPACES = "".join(chr(code) for code in range(0x110000) if chr(code).isspace())
ZERO_WIDTH = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufe0e\ufe0f\ufeff"
SPECIAL = ["<s>", "</s>", "<pad>", "<unk>", "<mask>", "<mask", "</w>", "@@", "▁", "Ġ", "[CLS]", "<s", "s>"]
WORDS = [
    "lol",
    "hahahaha",
    "@USER",
    "HTTPURL",
    "don't",
    "Überraschung",
    "naïve",
    "ﷺ",
    "好",
    "العربية",
    "한국어",
    "👩‍👩‍👧",
    "🏳️‍🌈",
    "☕️",
]
CHARACTERS = st.characters(exclude_categories=["Cs"])
MARKS = st.characters(categories=["Mn", "Mc", "Me"])
FRAGMENTS = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(SPECIAL),
    st.text(st.sampled_from(SPACES), min_size=1, max_size=3),
    st.text(st.sampled_from(ZERO_WIDTH), min_size=1, max_size=2),
    st.builds("".join, st.tuples(CHARACTERS, st.text(MARKS, min_size=1, max_size=3))),
    st.text(CHARACTERS, max_size=6),
    st.text(st.characters(min_codepoint=0x10000), min_size=1, max_size=3),
    st.text(st.characters(max_codepoint=0x7F), max_size=12),
    st.text(st.characters(max_codepoint=0x7F, categories=["L", "N", "P"]), max_size=60),
)
TEXTS = st.lists(st.lists(FRAGMENTS, max_size=12).map("".join), min_size=20, max_size=20)


@settings(deadline=None, database=None, derandomize=True, max_examples=250)
@given(texts=TEXTS)
def test_ids_are_identical_on_any_text(families: dict[str, Family], texts: list[str]) -> None:
    """5,000 texts for each vocabulary."""
    assert {name: family.differing(texts) for name, family in families.items()} == {name: [] for name in families}


def _dense(code: int) -> bool:
    """Whether characters about there are many kinds, rather than thousands of one."""
    return code < 0x3500 or 0xF900 <= code < 0x11000 or 0x1F000 <= code < 0x20000


def test_ids_are_identical_on_characters_of_all_planes(family: Family) -> None:
    """Alone, within a word, and at its end before a line break."""
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000 and (_dense(code) or code % 61 == 0)]
    texts = [f"{chr(code)} a{chr(code)}b c{chr(code)}\n{chr(code)}d" for code in codes]
    assert family.differing(texts) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "word " * 600,
        "a" * 5000,
        "ab" * 2000,
        "\n" * 600,
        "x\n" * 300,
        "<mask>" * 600,
        "😡" * 300,
        " <s> " * 90,
    ],
    ids=lambda text: f"{text[:6]!r}×{len(text)}",
)
def test_ids_are_identical_on_the_empty_and_the_overlong(family: Family, text: str) -> None:
    assert family.differing([text]) == []
    assert len(family.mine.ids([text])[0].ids) <= family.max_length


@given(st.text(CHARACTERS, max_size=5), st.characters(categories=["Cs"]), st.text(CHARACTERS, max_size=5))
@settings(deadline=None, database=None, derandomize=True)
def test_lone_surrogates_are_refused(before: str, surrogate: str, after: str) -> None:
    with pytest.raises(linnet.TextValueError, match=f"text 1: lone surrogate .* at character {len(before)}"):
        as_texts(["fine", before + surrogate + after])
