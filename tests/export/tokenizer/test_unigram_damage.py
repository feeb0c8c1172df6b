"""Compact tokenizers that are damaged, or made to do harm: refused when they are opened."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from linnet.errors import BundleFormatError
from linnet.names import COMPACT_TOKENIZER
from linnet.tokenization.unigram import UnigramTokenizer
from linnet.tokenization.unigram.layout import DTYPES, HEAD, KINDS
from small_unigram import TEXTS, Arrays, put_together, taken_apart, write_small_unigram

Change = Callable[[dict[str, Any], Arrays], None]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_small_unigram(tmp_path_factory.mktemp("unigram")).read_bytes()


def opened(file: Path, content: bytes, **settings: Any) -> UnigramTokenizer:
    file.write_bytes(content)
    return UnigramTokenizer(file, **{"max_length": 512, "truncation_side": "right", **settings})


def refused(file: Path, content: bytes, **settings: Any) -> str:
    with pytest.raises(BundleFormatError, match=COMPACT_TOKENIZER) as caught:
        opened(file, content, **settings)
    assert len(str(caught.value)) < 2000
    return str(caught.value)


def test_what_was_taken_apart_and_put_together_is_the_same(content: bytes, tmp_path: Path) -> None:
    assert put_together(*taken_apart(content)) == content
    assert opened(tmp_path / "file", content).ids(TEXTS)


def test_every_byte_counts(content: bytes, tmp_path: Path) -> None:
    """The head byte by byte; of every other section some bytes, the first and the last among them."""
    _, arrays = taken_apart(content)
    *_, size = HEAD.unpack_from(content)
    chance, places = random.Random(1), [*range(HEAD.size + size), len(content) - 1]
    start = HEAD.size + size
    for name in DTYPES:
        start += -(start - HEAD.size - size) % 8
        length = arrays[name].nbytes
        places += [start, start + length - 1] if length else []
        places += [start + chance.randrange(length) for _ in range(20) if length]
        start += length
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8)
        refused(tmp_path / "file", bytes(changed))


def set_to(name: str, value: object) -> Change:
    def change(values: dict[str, Any], arrays: Arrays) -> None:
        values[name] = value

    return change


def put(name: str, place: int | slice, value: object) -> Change:
    def change(values: dict[str, Any], arrays: Arrays) -> None:
        arrays[name][place] = value

    return change


def become(name: str, array: object) -> Change:
    def change(values: dict[str, Any], arrays: Arrays) -> None:
        arrays[name] = np.asarray(array, DTYPES[name])

    return change


def text(name: str, content: bytes) -> Change:
    return become(name, np.frombuffer(content, np.uint8))


def both(*changes: Change) -> Change:
    def change(values: dict[str, Any], arrays: Arrays) -> None:
        for one in changes:
            one(values, arrays)

    return change


TOKEN = {"content": "<x>", "id": 0, "lstrip": False}
HARM: dict[str, Change] = {
    "node after the end": put("base", 5, 2**31 - 1),
    "node before the start": put("base", 5, -1),
    "code after the end": put("code", 300, 65535),
    "page after the end": put("code_page", 5, 65535),
    "half a page": become("code", [0] * 300),
    "no slots": both(become("base", []), become("label", []), become("piece", [])),
    "slots of different counts": become("label", [0]),
    "piece after the end": put("piece", 5, 2**31 - 1),
    "piece before the start": put("piece", 5, -2),
    "score that is no number": put("score", 7, np.nan),
    "endless score": put("score", 7, -np.inf),
    "huge score": put("score", 7, -1e300),
    "positive score": put("score", 7, 0.5),
    "no scores": become("score", []),
    "too few kept": become("kept", [0]),
    "kept before the start": become("kept", [-2] * 23),
    "a single character that is not kept": become("kept", [0, 1, 2, 3, 4, -1, *range(5, 22)]),
    "an unknown token that is not kept": become("kept", [0, 1, 2, -1, *range(3, 22)]),
    "replaced text that is no UTF-8": text("mapped", b"\xff\0\xff\0\xff\0"),
    "replacement that is no UTF-8": text("replacement", b"\xc3\0a\0a\0"),
    "more replaced texts than replacements": text("mapped", b"a\0b\0c\0d\0"),
    "more replacements than replaced texts": text("replacement", b"a\0"),
    "no end": text("mapped", b"a\0b\0c"),
    "an empty replaced text": text("mapped", b"a\0\0c\0"),
    "a text that is replaced twice": text("mapped", b"a\0b\0a\0"),
    "a long replaced text": text("mapped", b"a\0b\0ccccccccc\0"),
    "a replacement of megabytes": text("replacement", b"a\0b\0" + b"c" * 1_000_000 + b"\0"),
    **{f"half a range of {kind}": become(kind, [65]) for kind in KINDS},
    **{f"ranges of {kind} in no order": become(kind, [66, 67, 65, 65]) for kind in KINDS},
    **{f"a range of {kind} from its end": become(kind, [67, 66]) for kind in KINDS},
    **{f"no characters of {kind}": become(kind, [-1, 5]) for kind in KINDS},
    **{f"characters after the last of {kind}": become(kind, [5, 0x110000]) for kind in KINDS},
    "too many ranges": become("attaching", range(10_000)),
    "all is white space": become("white_space", [0, 0x10FFFF]),
    "nothing is white space": become("white_space", []),
    "unknown token after the end": set_to("unk_id", 23),
    "unknown token before the start": set_to("unk_id", -1),
    "unknown token of 10^30": set_to("unk_id", 10**30),
    "unknown score that is positive": set_to("unk_score", 1.0),
    "unknown score that is huge": set_to("unk_score", -1e300),
    "unknown score that is a text": set_to("unk_score", "-1"),
    "no piece is that long": set_to("longest", 10**9),
    "no piece is that short": set_to("longest", 0),
    "runs of spaces become megabytes": set_to("collapsed", "a" * 1_000_000),
    "an added token that is empty": set_to("added_tokens", [{**TOKEN, "content": ""}]),
    "an added token without an id": set_to("added_tokens", [{"content": "<x>"}]),
    "an added token before the start": set_to("added_tokens", [{**TOKEN, "id": -1}]),
    "an added token of 2^64": set_to("added_tokens", [{**TOKEN, "id": 2**64}]),
    "many added tokens": set_to("added_tokens", [{**TOKEN, "content": str(n)} for n in range(1001)]),
    "a long added token": set_to("added_tokens", [{**TOKEN, "content": "a" * 20_001}]),
    "added tokens that are none": set_to("added_tokens", ["<s>"]),
    "many special tokens": set_to("prefix", [["<s>", 0]] * 17),
    "special tokens that are none": set_to("suffix", [["</s>", True]]),
    "a special token of 10^30": set_to("suffix", [["</s>", 10**30]]),
    "strip that is no flag": set_to("strip", 1),
}


@pytest.mark.parametrize("name", HARM)
def test_a_file_that_is_made_to_do_harm_is_refused(content: bytes, tmp_path: Path, name: str) -> None:
    values, arrays = taken_apart(content)
    HARM[name](values, arrays)
    assert "damaged" not in refused(tmp_path / "file", put_together(values, arrays))


@pytest.mark.parametrize(
    ("change", "largest"),
    [
        (lambda values, arrays: None, 22),
        (put("piece", 5, 22), 22),
        (set_to("added_tokens", [{**TOKEN, "id": 23}]), 23),
        (set_to("suffix", [["</s>", 24]]), 24),
        (become("kept", [*range(22), 25]), 25),
    ],
)
def test_an_id_that_the_model_does_not_know_is_refused(
    content: bytes, tmp_path: Path, change: Change, largest: int
) -> None:
    values, arrays = taken_apart(content)
    change(values, arrays)
    changed = put_together(values, arrays)
    assert f"found {largest}" in refused(tmp_path / "file", changed, vocab_size=largest)
    assert opened(tmp_path / "file", changed, vocab_size=largest + 1)


def test_more_special_tokens_than_fit_are_refused(content: bytes, tmp_path: Path) -> None:
    values, arrays = taken_apart(content)
    values["prefix"] = [["<s>", 0]] * 4
    assert "special tokens" in refused(tmp_path / "file", put_together(values, arrays), max_length=5)


def test_a_trie_that_goes_round_ends(content: bytes, tmp_path: Path) -> None:
    """A node that is its own child: every text of its character would be a piece."""
    values, arrays = taken_apart(content)
    code = int(arrays["code"][int(arrays["code_page"][0]) * 256 + ord("a")])
    slot = int(arrays["base"][0]) + code
    arrays["base"][slot] = slot - code
    tokenizer = opened(tmp_path / "file", put_together(values, arrays))
    assert len(tokenizer.ids(["a" * 100_000])[0]) <= 512
