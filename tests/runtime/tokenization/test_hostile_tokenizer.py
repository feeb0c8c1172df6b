"""A ``tokenizer.json`` that takes too long, too much memory, or ends the process: refused before it is built."""

import base64
import json
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet.errors import BundleFormatError
from linnet.names import CONFIG, SETTINGS, TOKENIZER
from linnet.tokenization.permitted import check_parts
from linnet.tokenization.tokenizer import Tokenizer, _may_have_id

Rewrite = Callable[[Path, str, bytes], None]
Change = Callable[..., None]

LONG = "a" * 100_000


def replacing(pattern: object, content: object) -> dict[str, Any]:
    return {"type": "Replace", "pattern": pattern, "content": content}


def splitting(expression: str) -> dict[str, Any]:
    return {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False}


def precompiled(charsmap: bytes) -> dict[str, Any]:
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()}


def charsmap(units: list[int], replacements: bytes) -> bytes:
    array = np.array(units, "<u4").tobytes()
    return len(array).to_bytes(4, "little") + array + replacements


def sequence(key: str, *steps: object) -> dict[str, Any]:
    return {"type": "Sequence", key: list(steps)}


DAMAGED = [
    b"\xff\xff\xff\xff",
    b"\xfc\xff\xff\xff" + bytes(64),
    b"\0\0\0\0",
    b"\4\0\0\0",
    b"garbage, and more of it",
    charsmap([0] * 256, b"no end"),
    charsmap([0] * 256, b"\xff\0"),
    charsmap([0] * 256, b"a" * 100_000 + b"\0"),
    charsmap([0] * 255, b"a\0"),
    charsmap([0xFFFFF << 10] + [0] * 255, b"a\0"),
    charsmap([1 << 8 | 1 << 10] + [0] * 255, b"a\0"),  # a leaf that holds no place
    charsmap([1 << 8 | 1 << 10, 1 << 31 | 5] + [0] * 254, b"a\0"),  # a place after the end
    charsmap([1 << 8 | 1 << 10, 1 << 31 | 1] + [0] * 254, "é\0".encode()),  # a place inside a character
]

HOSTILE: dict[str, list[Any]] = {
    "normalizer": [
        *map(precompiled, DAMAGED),
        {"type": "Precompiled", "precompiled_charsmap": "no base64!"},
        {"type": "Precompiled", "precompiled_charsmap": "A" * (1 << 24)},
        {"type": "Precompiled", "precompiled_charsmap": 3},
        ["A" * 1000],
        sequence("normalizers", *[precompiled(charsmap([0] * 256, b"a\0"))] * 2),
        replacing({"String": "a"}, "aa"),
        replacing({"String": ""}, "a"),
        replacing({"Regex": "a"}, "aa"),
        replacing({"Regex": "(a+)+b"}, ""),
        replacing({"Regex": "(?:(?:a{100}){100}){100}"}, ""),
        replacing({"Regex": "a{1000}"}, ""),
        replacing({"Regex": "a+b"}, ""),
        replacing({"Regex": "(" * 50_000}, ""),
        replacing({"Regex": "["}, ""),
        replacing({"String": LONG}, LONG),
        replacing("a", "a"),
        {"type": "Prepend", "prepend": LONG},
        sequence("normalizers", *[{"type": "Prepend", "prepend": "a"}] * 17),
        sequence("normalizers", *[{"type": "Lowercase"}] * 100_000),
        {"type": "Unheard"},
        {"type": ["Lowercase"]},
        "Lowercase",
        3,
    ],
    "pre_tokenizer": [
        splitting(r"(x+x+)+y"),
        splitting(r"(.*)*$"),
        splitting(r"(a|a)*b"),
        splitting(r"(?<=a{1,99}b)c"),
        splitting("a" * 2000),
        sequence("pretokenizers", *[{"type": "Whitespace"}] * 17),
        {"type": "Sequence", "pretokenizers": None},
        {"type": "Lowercase"},
    ],
    "decoder": [replacing({"Regex": "(a+)+b"}, "a"), {"type": "Unheard"}],
    "post_processor": [
        {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}] * 2, "pair": []},
        {"type": "TemplateProcessing", "single": [], "pair": []},
        {"type": "TemplateProcessing", "single": "$A", "pair": "$A"},
        {"type": "Unheard"},
    ],
}


@pytest.fixture
def tokenizer(default: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads((default / TOKENIZER).read_bytes())
    return state


def refused(bundle: Path) -> str:
    with pytest.raises(BundleFormatError) as caught:
        linnet.load(bundle)
    message = str(caught.value)
    assert TOKENIZER in message
    assert len(message) < 2000 + len(str(bundle))
    return message


@pytest.mark.parametrize(
    ("part", "step"), [(part, step) for part, steps in HOSTILE.items() for step in steps], ids=lambda it: str(it)[:40]
)
def test_a_step_that_linnet_never_writes_is_refused(tokenizer: dict[str, Any], part: str, step: object) -> None:
    with pytest.raises(BundleFormatError, match=TOKENIZER) as caught:
        check_parts(json.dumps({**tokenizer, part: step}).encode())
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("smuggled", ["normalizer", "pre_tokenizer", "decoder", "post_processor", "added_tokens"])
@pytest.mark.parametrize("escaped", [False, True])
def test_a_part_after_the_vocabulary_is_seen(tokenizer: dict[str, Any], smuggled: str, escaped: bool) -> None:
    model = tokenizer.pop("model")
    tokenizer.pop(smuggled)
    laid_out = json.dumps({**tokenizer, "model": model}, indent=2, ensure_ascii=False)
    key = f"\\u00{ord(smuggled[0]):02x}{smuggled[1:]}" if escaped else smuggled
    hostile = json.dumps([0] * 20_001 if smuggled == "added_tokens" else {"type": "Unheard"})
    check_parts(laid_out.encode())
    for content in (laid_out[:-2] + f',\n  "{key}": {hostile}\n}}', laid_out[:-2] + f',"{key}"\n:\t{hostile}}}'):
        with pytest.raises(BundleFormatError, match=TOKENIZER):
            check_parts(content.encode())


def test_a_part_that_is_given_twice_is_refused(tokenizer: dict[str, Any]) -> None:
    laid_out = json.dumps(tokenizer, indent=2, ensure_ascii=False)
    twice = laid_out.replace("{", '{\n  "normalizer": {"type": "Unheard"},', 1)
    with pytest.raises(BundleFormatError, match="'normalizer' twice"):
        check_parts(twice.encode())


def test_pieces_may_be_called_like_parts(tokenizer: dict[str, Any]) -> None:
    for piece in ("normalizer", "decoder", "\\u0041", '": {"Regex":', "added_tokens"):
        tokenizer["model"]["vocab"][piece] = len(tokenizer["model"]["vocab"])
    content = json.dumps(tokenizer, indent=2, ensure_ascii=False).encode()
    assert Tokenizer(content, max_length=9, truncation_side="right").ids(["a"])


def test_every_layout_of_the_file_gives_the_same_ids(tokenizer: dict[str, Any], default: Path) -> None:
    contents = [
        (default / TOKENIZER).read_bytes(),
        json.dumps(tokenizer).encode(),
        json.dumps(dict(reversed(tokenizer.items())), indent=1).encode(),
    ]
    found = [Tokenizer(content, max_length=9, truncation_side="right").ids(["Good news!"]) for content in contents]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    "expression",
    [" {2,}", r"\s+", r"[^\u0009-\u000d\u001c-\u0020]+\n?", r"\s{2,}|[\n\r\t]", r"\p{L}+", "https", r"[\r\n]", r"\d"],
)
def test_a_simple_expression_is_read(tokenizer: dict[str, Any], expression: str) -> None:
    tokenizer["normalizer"] = sequence("normalizers", replacing({"Regex": expression}, " "), tokenizer["normalizer"])
    content = json.dumps(tokenizer).encode()
    assert Tokenizer(content, max_length=9, truncation_side="right").ids(["some  text"])


@pytest.mark.parametrize("largest", [30522, 50_000, 2**32 - 1])
def test_a_piece_that_the_model_does_not_know_is_refused(
    bundle_copy: Path, rewrite: Rewrite, tokenizer: dict[str, Any], largest: int
) -> None:
    tokenizer["model"]["vocab"]["hello"] = largest
    for layout in ({"indent": 2}, {"separators": (",", ":")}, {"separators": (" ,\n", " \t: ")}):
        rewrite(bundle_copy, TOKENIZER, json.dumps(tokenizer, **layout).encode())
        assert f"found {largest}" in refused(bundle_copy)


def test_an_added_token_that_the_model_does_not_know_is_refused(
    bundle_copy: Path, rewrite: Rewrite, tokenizer: dict[str, Any]
) -> None:
    tokenizer["added_tokens"].append({**tokenizer["added_tokens"][-1], "id": 30522, "content": "<new>"})
    rewrite(bundle_copy, TOKENIZER, json.dumps(tokenizer).encode())
    assert "found 30522" in refused(bundle_copy)


def test_a_special_token_that_the_model_does_not_know_is_refused(
    bundle_copy: Path, rewrite: Rewrite, tokenizer: dict[str, Any]
) -> None:
    tokenizer["post_processor"]["special_tokens"]["[CLS]"]["ids"] = [30522]
    rewrite(bundle_copy, TOKENIZER, json.dumps(tokenizer).encode())
    assert "30522" in refused(bundle_copy)


def test_a_smaller_embedding_table_than_vocabulary_is_refused(bundle_copy: Path, rewrite_json: Change) -> None:
    rewrite_json(bundle_copy, CONFIG, vocab_size=30521)
    assert "expected ids below 30521" in refused(bundle_copy)


def test_a_number_in_a_piece_is_no_id(tokenizer: dict[str, Any]) -> None:
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary[":99999"] = vocabulary.pop("##☀")
    content = json.dumps(tokenizer).encode()
    assert Tokenizer(content, max_length=9, truncation_side="right", vocab_size=30522).ids(["a"])


@pytest.mark.parametrize(("last", "found"), [(b"30521", False), (b"30522", True), (b"1" * 30, True)])
def test_ids_are_looked_for_in_little_memory(last: bytes, found: bool) -> None:
    content = b'"a": 30521, ' * 300_000 + b'"b": ' + last
    tracemalloc.start()
    try:
        assert _may_have_id(content, 30522) == found
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_input_chars_per_word", 10**9),
        ("continuing_subword_prefix", LONG),
        ("unk_token", "[NONE]"),
        ("type", "Unheard"),
    ],
)
def test_a_model_with_odd_settings_is_refused(
    bundle_copy: Path, rewrite_json: Change, tokenizer: dict[str, Any], name: str, value: object
) -> None:
    rewrite_json(bundle_copy, TOKENIZER, model={**tokenizer["model"], name: value})
    refused(bundle_copy)


def test_a_model_that_is_random_is_refused(bundle_copy: Path, rewrite_json: Change) -> None:
    model = {"type": "BPE", "dropout": 0.5, "unk_token": "a", "vocab": {"a": 0}, "merges": []}
    rewrite_json(bundle_copy, TOKENIZER, model=model)
    assert "dropout" in refused(bundle_copy)


def test_more_special_tokens_than_fit_are_refused(bundle_copy: Path, rewrite_json: Change) -> None:
    tokens = [["[SEP]", 102], ["[CLS]", 101]]
    rewrite_json(bundle_copy, TOKENIZER, post_processor={"type": "BertProcessing", "sep": tokens[0], "cls": tokens[1]})
    rewrite_json(bundle_copy, SETTINGS, max_length=3)
    assert linnet.load(bundle_copy)
    template = [{"SpecialToken": {"id": "[SEP]", "type_id": 0}}] * 3
    text, other = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    rewrite_json(
        bundle_copy,
        TOKENIZER,
        post_processor={
            "type": "TemplateProcessing",
            "single": [*template, text],
            "pair": [text, other],
            "special_tokens": {"[SEP]": {"id": "[SEP]", "ids": [102], "tokens": ["[SEP]"]}},
        },
    )
    assert "special tokens" in refused(bundle_copy)


class _Panics:
    def encode(self, text: str) -> None:
        raise type("PanicException", (BaseException,), {})(f"index out of bounds: {text}")


def test_a_panic_while_a_text_is_encoded_is_an_error(default: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = Tokenizer((default / TOKENIZER).read_bytes(), max_length=9, truncation_side="right")
    monkeypatch.setattr(tokenizer, "_tokenizer", _Panics())
    with pytest.raises(BundleFormatError, match="index out of bounds: a"):
        tokenizer._encoded(["a"], list)


def test_an_interrupt_while_a_text_is_encoded_stays_one(default: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        def encode(self, text: str) -> None:
            raise KeyboardInterrupt

    tokenizer = Tokenizer((default / TOKENIZER).read_bytes(), max_length=9, truncation_side="right")
    monkeypatch.setattr(tokenizer, "_tokenizer", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        tokenizer._encoded(["a"], list)


@pytest.mark.parametrize("step", [precompiled(DAMAGED[1]), replacing({"Regex": "(?:(?:a{100}){100}){100}"}, "")])
def test_the_process_lives_on_in_little_memory(bundle_copy: Path, rewrite_json: Change, step: object) -> None:
    rewrite_json(bundle_copy, TOKENIZER, normalizer=step)
    ended = subprocess.run(
        [sys.executable, "-m", "linnet", "classify", "--bundle", str(bundle_copy), "a"],
        capture_output=True,
        text=True,
        timeout=30,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30)),
    )
    assert ended.returncode in (1, 2)
    assert TOKENIZER in ended.stderr
    assert "Traceback" not in ended.stderr
