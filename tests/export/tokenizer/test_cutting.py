"""Long texts are cut before they are prepared, and their encodings stay those of the whole texts."""

import re
import sys
from pathlib import Path

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linnet.preprocessing import PREPROCESSORS, Preprocessor, needs_tables, prepares_apart, preprocessor
from linnet.tokenization.cutting import MOST, UNPROVEN, Cutting
from linnet.tokenization.encoding import TextTokenizer
from linnet.tokenization.tokenizer import Tokenizer
from linnet_export.bundle.preprocessing import preprocessing_tables
from tokenizer_families import FAMILIES, Make, library_tokenizer, write_families
from tokenizers import AddedToken, Regex, normalizers, pre_tokenizers
from tokenizers import Tokenizer as Library

LENGTH = 8  # so that texts of some 300 characters are long
SIDES = ("left", "right")
PRESETS: dict[str, Preprocessor] = {
    name: preprocessor(name, preprocessing_tables(name) if needs_tables(name) else None) for name in PREPROCESSORS
}


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Make]:
    return write_families(tmp_path_factory.mktemp("families"))


@pytest.fixture(scope="module")
def tokenizers(families: dict[str, Make]) -> dict[tuple[str, str], TextTokenizer]:
    """A tokenizer of each family that truncates on each side."""
    return {(name, side): make(LENGTH, side) for name, make in families.items() for side in SIDES}


def part(text: str, tokenizer: TextTokenizer, side: str, preset: str = "none", length: int = LENGTH) -> str | None:
    """What is read of a text; None if all of it. Its encoding is checked to be that of the whole text."""
    prepare, cutting = PRESETS[preset], Cutting(tokenizer, length, left=side == "left")
    whole, cut = prepare(text), cutting.prepared(text, prepare, apart=prepares_apart(preset, text))
    if not cut.is_part:
        assert cut == whole
        return None
    for trimmed in (False, True):
        assert tokenizer.encode([cut], trimmed=trimmed) == tokenizer.encode([whole], trimmed=trimmed)
    assert tokenizer.ids([cut.text]) == tokenizer.ids([whole.text])
    return cut.text


WORDS = ["abc", "these", "words", "cannot", "ain't", "http", "@someone", "good", "хорошо", "ااا", "한국어", "😍"]
AWKWARD = [
    *(
        "n't",
        "ca",
        "n",
        "'t",
        "p",
        ".",
        "m",
        "a",
        "&",
        "&amp;",
        "&#32;",
        "|",
        "|a_b|",
        "@",
        "http://x.com/(a)",
        "#GoodNews",
    ),
    *("<s>", "<mask>", "[MASK]", "[CLS]", "</w>", "▁", "▁▁", "Ġ", "ൎൎൎ", "\u0601", "\u200b", "\u200d", "\ufe0f", "\0"),
    *(
        "\ufffd",
        "\x85",
        "\xa0",
        "\u2028",
        "\u3000",
        "\n",
        "\r\n",
        "\t",
        "  ",
        "ﷺ",
        "¨",
        "好",
        "ー",
        "º",
        "e\u0301",
        "👩🏽\u200d",
    ),
    *("555 1234", ". . .", "ahahah", "soooo", "a" * 101, "!!!!", "_", "1", "1.5", "ﬁ", "İ", "Σ"),
]
PIECES = st.sampled_from(WORDS) | st.sampled_from(AWKWARD) | st.characters(exclude_categories=["Cs"])
TEXTS = st.lists(
    st.tuples(PIECES | st.sampled_from(WORDS[:6]), st.sampled_from([" ", " ", " ", "", "  ", "\n"])).map("".join),
    min_size=30,
    max_size=60,
).flatmap(lambda pieces: st.permutations(pieces * 3).map("".join) | st.just("".join(pieces * 4)))


SHIFTED = (
    "abc abc abcabc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc  abc ab"
    "c abc abc abc abc words abc abc abc abc abc abc words abc abc  abc  abc  abc abc abc  abc "
    "abc abc abc abc abc abc abc \u0627\u0627\u0627 \x1b @someone abc @someone abc abc abc  abc abc abc abc  abc "
    " these\nabc \U0001f60d abc  abcabc \u0627\u0627\u0627 \x1b abc abc abc abc abc abc abc abc abc  these\n\U0001f60d abc abc abc \x1b "
    "abc abc abc abc \u0627\u0627\u0627 abcabc  abc  abc \U0001f60d abc abc abc abc abc abc abc abc abc abc abc abc  @s"
    "omeone abc  abc abc abc abc abc abc abc abc words abc abc  these\nabc "
)
"""A dropped control character shifts the offsets that `tokenizers` gives to what follows it."""


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(text=TEXTS, preset=st.sampled_from(PREPROCESSORS))
@example(text=SHIFTED, preset="pysentimiento")
def test_a_cut_changes_no_encoding(tokenizers: dict[tuple[str, str], TextTokenizer], text: str, preset: str) -> None:
    for (_, side), tokenizer in tokenizers.items():
        part(text, tokenizer, side, preset)


@pytest.mark.parametrize("preset", PREPROCESSORS)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("family", FAMILIES)
def test_texts_of_words_are_cut_short(
    tokenizers: dict[tuple[str, str], TextTokenizer], family: str, side: str, preset: str
) -> None:
    text = "@someone says: these words are good, 'tis said! 😍 https://t.co/x cannot " * 200
    read = part(text, tokenizers[family, side], side, preset)
    assert read is not None
    assert len(read) < 1200


@pytest.mark.parametrize("side", SIDES)
def test_short_texts_are_read_whole(tokenizers: dict[tuple[str, str], TextTokenizer], side: str) -> None:
    assert part("good words " * (2 * 16 * LENGTH // 11), tokenizers["bert", side], side) is None


class Counting:
    """A tokenizer that counts the characters that it is given."""

    def __init__(self, tokenizer: TextTokenizer) -> None:
        self.tokenizer, self.count = tokenizer, 0
        self.ids, self.encode, self.separation = tokenizer.ids, tokenizer.encode, tokenizer.separation
        self.decode = tokenizer.decode

    def overflows(self, text: str) -> bool:
        self.count += len(text)
        return self.tokenizer.overflows(text)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("unit", "most"),
    [
        ("words ", 64 * 512),
        ("1 ", 2 * UNPROVEN),
        ("好", 2 * UNPROVEN),
        ("a" * 50, 2 * MOST),
        ("\u200b", 2 * MOST),
        (" ", 2 * MOST),
        ("\0", 2 * MOST),
    ],
)
def test_little_of_a_huge_text_is_looked_at(
    families: dict[str, Make], family: str, side: str, unit: str, most: int
) -> None:
    counting = Counting(families[family](512, side))
    text = unit * (3_000_000 // len(unit))
    read = Cutting(counting, 512, left=side == "left").prepared(text, PRESETS["none"], apart=True)
    assert read.is_part
    assert counting.count + len(read.text) <= 2 * most


def test_offsets_of_the_last_part_point_into_the_whole_text(tokenizers: dict[tuple[str, str], TextTokenizer]) -> None:
    text = "these are words " * 100 + "@someone, good!"
    cutting = Cutting(tokenizers["bert", "left"], LENGTH, left=True)
    cut = cutting.prepared(text, PRESETS["tweeteval"], apart=True)
    assert cut.is_part
    (encoding,) = cutting.tokenizer.encode([cut])
    assert [text[slice(*span)] for span in encoding.offsets][-3:] == ["good", "!", ""]
    assert encoding.truncated


@pytest.mark.parametrize("side", SIDES)
def test_bars_pair_across_any_distance(tokenizers: dict[tuple[str, str], TextTokenizer], side: str) -> None:
    text = "|" + "these are_words " * 500 + "|"
    assert part(text, tokenizers["bert", side], side, "pysentimiento") is None
    assert part(text, tokenizers["bert", side], side, "tweeteval") is not None


def test_no_letter_before_a_cut_joins_the_space() -> None:
    """The tokenizer's map of characters looks up a letter of this kind together with the space after it."""
    letters = (chr(code) for code in range(sys.maxunicode + 1) if chr(code).isalpha())
    joining = [letter for letter in letters if regex.fullmatch(r"\p{GCB=Prepend}", letter)]
    assert len(joining) > 5
    from linnet.tokenization.cutting import _BETWEEN_WORDS

    assert [letter for letter in joining if _BETWEEN_WORDS.search(f"aa{letter} abc")] == []
    assert re.search(_BETWEEN_WORDS, "abc def")


def separates_words(tokenizer: Library) -> bool:
    content = tokenizer.to_str().encode()
    return Tokenizer(content, max_length=LENGTH, truncation_side="right").separation.words


def test_other_tokenizers_promise_nothing(tmp_path: Path) -> None:
    """Steps that may look beyond a space, or that are not known."""
    tokenizer = library_tokenizer("roberta", tmp_path / "roberta")
    assert separates_words(tokenizer)
    for step in (
        normalizers.Replace(Regex("a b"), "c"),
        normalizers.Replace(" ", "▁"),
        normalizers.Prepend("x"),
        normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), "")]),
    ):
        tokenizer.normalizer = step
        assert not separates_words(tokenizer), step
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace("``", '"')])
    assert separates_words(tokenizer)
    for splitter in (
        pre_tokenizers.Split("\n", "isolated"),
        pre_tokenizers.Punctuation(),
        pre_tokenizers.ByteLevel(use_regex=False),
        pre_tokenizers.Metaspace(split=False),
        pre_tokenizers.Sequence([pre_tokenizers.Digits(), pre_tokenizers.Whitespace()]),
    ):
        tokenizer.pre_tokenizer = splitter
        assert not separates_words(tokenizer), splitter


@pytest.mark.parametrize(
    "token", [AddedToken("good bye"), AddedToken("\n"), AddedToken("bye", rstrip=True)], ids=["space", "line", "rstrip"]
)
def test_added_tokens_that_reach_across_a_space_promise_nothing(tmp_path: Path, token: AddedToken) -> None:
    tokenizer = library_tokenizer("bert", tmp_path / "bert")
    assert separates_words(tokenizer)
    tokenizer.add_tokens([AddedToken("good-bye"), AddedToken("!", rstrip=True), AddedToken("bye", lstrip=True)])
    assert separates_words(tokenizer)
    tokenizer.add_tokens([token] if not token.rstrip else [AddedToken("byes", rstrip=True)])
    assert not separates_words(tokenizer)
