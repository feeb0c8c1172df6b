"""The fast tokenizer that is made of BERTweet's slow one: the same ids, or a refusal that says why."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from checkpoints import write_bertweet
from hypothesis import given, settings
from hypothesis import strategies as st
from linnet.preprocessing import PreparedText
from linnet.tokenization.tokenizer import Tokenizer
from linnet_export.errors import CheckpointError
from linnet_export.tokenizer.bertweet import fast_bertweet, probe_texts
from linnet_export.tokenizer.json_file import save_exactly
from transformers import AutoTokenizer, BertweetTokenizer

CODES = ["l o 9", "lo v 9", "lov e</w> 8", "e r</w> 7", "lov er</w> 7", "n e 5", "ne w</w> 5", "@ @</w> 3"]
VOCABULARY = ["love 9", "lo@@ 8", "er 7", "new 5", "ne@@ 5", "@@ 4", "l@@ 3", "o 3", "o@@ 3", "v@@ 2", "😍 2", "e@@ 1"]


def slow_tokenizer(
    folder: Path, vocabulary: list[str] = VOCABULARY, codes: list[str] = CODES, **config: Any
) -> BertweetTokenizer:
    """A tokenizer in files; ``config`` changes tokenizer_config.json."""
    folder.mkdir(exist_ok=True)
    write_bertweet(folder, vocabulary, codes)
    (folder / "added_tokens.json").unlink()
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps({**json.loads(file.read_bytes()), **config}))
    return BertweetTokenizer.from_pretrained(folder)  # type: ignore[no-any-return]


def both_ids(slow: BertweetTokenizer, texts: list[str], first_free_id: int = 0) -> tuple[Any, Any]:
    """The ids that the slow and the fast tokenizer give, those without a meaning mapped as `linnet` does."""
    fast, size = fast_bertweet(slow, first_free_id), max(len(slow), first_free_id)
    found = [[index if index < size else slow.unk_token_id for index in ids] for ids in fast(texts)["input_ids"]]
    return slow(texts)["input_ids"], found


def refused(slow: BertweetTokenizer) -> str:
    with pytest.raises(CheckpointError) as caught:
        fast_bertweet(slow, len(slow))
    return str(caught.value)


TEXTS = [
    *("", " ", "\n", "love", "lover", "lov", "new\n", "new\n\n new", "love\n\nlove \n love", "\nlove", "love\r\nlove"),
    *("lo", "l", "o", "loo", "oooo", "x", "xo", "ox", "😍", "😍😍", "l😍", "e\u0301", "lo\u200bve", "\u200b", "\ufeff"),
    *("@@", "lo@@", "lo@@ ve", "@", "@@@", "</w>", "lo</w>", "love</w> lover", "l</w>ove", "lov e</w>"),
    *("<s>", "love<s>new", "<s></s><pad><unk><mask>", "<<mask>>", "< mask>", "<mask", "new\n<mask>\nnew", "<MASK>"),
    *("love\x1cnew\x1dlo\x1elo\x1flo\x85lo\xa0lo\u2028lo\u2029lo\u3000lo\u180elo\u200blo", "lo\x0b\x0cve\tnew"),
    *("love " * 300, "lover" * 300, "new\n" * 300, "\0", "lo\0ve", "\U0010ffff", "\U000e0067new"),
]


@pytest.mark.parametrize("first_free_id", [0, 40])
def test_ids_are_the_slow_ones(tmp_path: Path, first_free_id: int) -> None:
    expected, found = both_ids(slow_tokenizer(tmp_path), TEXTS, first_free_id)
    assert [text for text, a, b in zip(TEXTS, expected, found, strict=True) if a != b] == []


def test_the_texts_have_pieces_of_every_kind(tmp_path: Path) -> None:
    slow = slow_tokenizer(tmp_path)
    read = {token for text in TEXTS for token in slow.tokenize(text)}
    assert read >= {"love", "lo@@", "@@", "\n", "lover", "lov@@", "😍", "<mask>", "</s>", "x@@"}
    assert slow.convert_tokens_to_ids(["lover", "lov@@", "\n"]) == 3 * [slow.unk_token_id]


def test_pairs_and_special_tokens_are_the_slow_ones(tmp_path: Path) -> None:
    slow = slow_tokenizer(tmp_path)
    fast = fast_bertweet(slow, len(slow))
    assert fast("new love", "lo new")["input_ids"] == slow("new love", "lo new")["input_ids"]
    assert set(fast("new", "lo")) == {"input_ids", "attention_mask"}
    assert fast.special_tokens_map == slow.special_tokens_map
    assert fast.model_max_length == slow.model_max_length == 128


@pytest.mark.parametrize("side", ["left", "right"])
def test_long_texts_are_cut_as_the_slow_one_cuts_them(tmp_path: Path, side: str) -> None:
    slow = slow_tokenizer(tmp_path, truncation_side=side)
    text = "new love lo 😍 " * 10
    fast = fast_bertweet(slow, len(slow))
    for length in (3, 7, 41, 42, 43):
        expected = slow(text, truncation=True, max_length=length)["input_ids"]
        assert fast(text, truncation=True, max_length=length)["input_ids"] == expected


def test_white_space_is_what_python_takes_for_it(tmp_path: Path) -> None:
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    text = "x\n".join(characters)
    fast = fast_bertweet(slow_tokenizer(tmp_path), 40)
    words = fast.backend_tokenizer.pre_tokenizer.pre_tokenize_str(text)
    assert [word for word, _ in words] == re.findall(r"\S+\n?", text)


def test_what_is_written_gives_the_same_and_offsets_point_into_the_text(tmp_path: Path) -> None:
    slow = slow_tokenizer(tmp_path / "slow")
    fast = fast_bertweet(slow, len(slow))
    save_exactly(fast.backend_tokenizer, tmp_path / "tokenizer.json")
    tokenizer = Tokenizer(
        (tmp_path / "tokenizer.json").read_bytes(),
        max_length=128,
        truncation_side="right",
        vocab_size=len(slow),
        unk_token_id=slow.unk_token_id,
    )
    assert [read.ids for read in tokenizer.ids(TEXTS)] == slow(TEXTS, truncation=True, max_length=128)["input_ids"]
    (encoding,) = tokenizer.encode([PreparedText("lover\n 😍 <mask>lov")])
    assert encoding.tokens == ["<s>", "<unk>", "e", "<unk>", "<unk>", "😍</w>", "<mask>", "lo", "<unk>", "</s>"]
    spans = [(0, 0), (0, 3), (3, 4), (4, 5), (5, 6), (7, 8), (9, 15), (15, 17), (17, 18), (0, 0)]
    assert encoding.offsets == spans


def test_every_piece_and_every_merge_is_probed(tmp_path: Path) -> None:
    slow = slow_tokenizer(tmp_path)
    texts = probe_texts(slow)
    read = {token for text in texts for token in slow.tokenize(text)}
    assert read >= set(slow.get_vocab()) and {"lover", "lov@@"} <= read
    expected, found = both_ids(slow, texts)
    assert expected == found


def test_a_merge_out_of_turn_is_refused(tmp_path: Path) -> None:
    """In ``abab`` both ``ab`` are made before anything that the first of them could become."""
    codes = ["x y 1", "ab a 1", "a b 1"]
    slow = slow_tokenizer(tmp_path, ["ab@@ 1", "aba@@ 1", "ab 1", "b 1"], codes)
    assert slow.tokenize("ababx") == ["ab@@", "ab@@", "x"]
    assert "each merge before the merges that use its result" in refused(slow)


@pytest.mark.parametrize("code", ["lo</w> ve 1", "lo </w> 1", "lo/w ></w 1", "lo</ w> 1", "l o</w>x 1"])
def test_a_mark_within_a_word_is_refused_where_it_could_be_mistaken(tmp_path: Path, code: str) -> None:
    slow = slow_tokenizer(tmp_path, codes=[*CODES, code])
    if code in ("lo/w ></w 1", "l o</w>x 1"):  # characters like any other
        expected, found = both_ids(slow, TEXTS)
        assert expected == found
    else:
        assert "at the end of words only" in refused(slow)


def test_a_piece_named_twice_is_refused_where_two_share_an_id(tmp_path: Path) -> None:
    slow = slow_tokenizer(tmp_path, ["love 9", "lo@@ 8", "love 7", "new 6"])
    assert slow.convert_tokens_to_ids("love") == slow.convert_tokens_to_ids("new")
    message = refused(slow)
    assert "names one twice" in message and "love" in message and "new" in message


def test_a_special_token_that_vocab_txt_repeats_is_refused_where_it_shares_its_id(tmp_path: Path) -> None:
    assert "names one twice" in refused(slow_tokenizer(tmp_path, ["love 9", "<s> 8", "new 6"]))


@pytest.mark.parametrize("flag", ["lstrip", "rstrip", "single_word"])
def test_added_tokens_that_look_around_them_are_refused(tmp_path: Path, flag: str) -> None:
    slow_tokenizer(tmp_path)
    file = tmp_path / "special_tokens_map.json"
    mask = {
        "content": "<mask>",
        "lstrip": False,
        "rstrip": False,
        "single_word": False,
        "normalized": False,
        flag: True,
    }
    file.write_text(json.dumps({**json.loads(file.read_bytes()), "mask_token": mask}))
    message = refused(BertweetTokenizer.from_pretrained(tmp_path))
    assert "lstrip, rstrip and single_word" in message and "<mask>" in message


def test_added_tokens_that_could_overlap_are_refused(tmp_path: Path) -> None:
    slow = slow_tokenizer(tmp_path)
    slow.add_tokens(["mask"])
    assert "cannot overlap" in refused(slow)


def test_special_tokens_that_are_not_to_be_found_are_refused(tmp_path: Path) -> None:
    assert "split_special_tokens" in refused(slow_tokenizer(tmp_path, split_special_tokens=True))


def test_added_tokens_are_found_in_any_text(tmp_path: Path) -> None:
    slow = slow_tokenizer(tmp_path)
    slow.add_tokens(["[user]", "ov", "[user]s"])
    slow.add_special_tokens({"additional_special_tokens": ["[link]"]})
    texts = [*TEXTS, "x[user]love [user]s [link]", "[user]s[user]\n[link]lov\nnew", "[user][link"]
    expected, found = both_ids(slow, texts)
    assert [text for text, a, b in zip(texts, expected, found, strict=True) if a != b] == []
    assert len(slow) - 3 in {index for ids in expected for index in ids}


def test_merges_that_spell_an_added_token_never_apply(tmp_path: Path) -> None:
    """What is not in the vocabulary is no ``<unk>`` that could be merged on."""
    slow = slow_tokenizer(tmp_path, codes=[*CODES, "<unk> e</w> 1", "l <mask> 1", "< s></w> 1"])
    texts = [*TEXTS, "xe", "xxe lxe", "<unk>e", "l<mask>", "x<s>"]
    expected, found = both_ids(slow, texts)
    assert [text for text, a, b in zip(texts, expected, found, strict=True) if a != b] == []


def test_lines_that_are_no_pair_and_pairs_named_twice_are_read_as_the_slow_one_reads_them(tmp_path: Path) -> None:
    codes = ["ne w</w> 9", "l 1", "l o v 1", "", *CODES, "l o 1"]
    slow = slow_tokenizer(tmp_path, codes=[*codes[:-1]])
    expected, found = both_ids(slow, TEXTS)
    assert expected == found
    assert "each merge before" in refused(slow_tokenizer(tmp_path, codes=codes))  # the last of the two counts


def test_autotokenizer_gives_the_same_where_the_file_can_say_it(tmp_path: Path) -> None:
    slow = slow_tokenizer(tmp_path / "slow")
    fast_bertweet(slow, len(slow)).save_pretrained(tmp_path / "fast")
    loaded = AutoTokenizer.from_pretrained(tmp_path / "fast")
    for text, expected, found in zip(TEXTS, slow(TEXTS)["input_ids"], loaded(TEXTS)["input_ids"], strict=True):
        assert len(expected) == len(found), text
        assert all(a == b or (a == slow.unk_token_id and b >= len(slow)) for a, b in zip(expected, found, strict=True))


_ALPHABET = "ab@<"
_NUMBERS = st.integers(0, 1000)


def grown_codes(picks: list[tuple[int, int]]) -> list[tuple[str, str]]:
    """Merges of what there is by then: characters, and what merges before made."""
    symbols = [*_ALPHABET, *(f"{character}</w>" for character in _ALPHABET)]
    codes = []
    for first, second in picks:
        inner = [symbol for symbol in symbols if not symbol.endswith("</w>")]
        codes.append((inner[first % len(inner)], symbols[second % len(symbols)]))
        symbols.append("".join(codes[-1]))
    return codes


@given(
    st.lists(st.tuples(_NUMBERS, _NUMBERS), max_size=25),
    st.sets(st.integers(0, 60)),
    st.lists(st.text(f"{_ALPHABET}x \n", max_size=30), max_size=20),
)
@settings(deadline=None, database=None, derandomize=True, max_examples=300)
def test_any_files_give_the_same_ids_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, picks: list[tuple[int, int]], dropped: set[int], texts: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    codes = grown_codes(picks)
    symbols = dict.fromkeys([*_ALPHABET, *map("".join, codes)])
    pieces = dict.fromkeys(piece for symbol in symbols for piece in (symbol.removesuffix("</w>"), f"{symbol}@@"))
    kept = [f"{piece} 1" for number, piece in enumerate(pieces) if number not in dropped]
    slow = slow_tokenizer(folder, kept, [f"{left} {right} 1" for left, right in codes])
    try:
        expected, found = both_ids(slow, [*texts, *probe_texts(slow)])
    except CheckpointError:  # one in eight
        return
    assert expected == found
