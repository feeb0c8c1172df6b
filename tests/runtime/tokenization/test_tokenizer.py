import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import linnet
import pytest
from checked import classifier
from linnet.errors import BundleFormatError
from linnet.inference.batching import Batch
from linnet.inference.session import Session
from linnet.names import CONFIG, SETTINGS
from linnet.tokenization.encoding import Encoding
from linnet.tokenization.tokenizer import Tokenizer

TEXTS = ["", "Good news!", "@someone see https://t.co/abc: 🙂 Überraschung", "word " * 600, "  \t\n ", "[SEP] @ http"]


def special(default: Path, name: str) -> str:
    value: Any = json.loads((default / "special_tokens_map.json").read_bytes())[name]
    return str(value["content"] if isinstance(value, dict) else value)


def one(model: linnet.Classifier | linnet.Embedder, text: str) -> Encoding:
    (encoding,) = model.encode(text)
    return encoding


def inner(encoding: Encoding) -> list[int]:
    return encoding.ids[1:-1]


def test_lists_are_of_one_length_and_plain(model: linnet.Classifier) -> None:
    for encoding in model.encode(TEXTS):
        assert len(encoding.ids) == len(encoding.tokens) == len(encoding.offsets)
        assert {type(number) for number in encoding.ids} == {int}
        assert {type(token) for token in encoding.tokens} == {str}
        assert {type(offset) for offset in encoding.offsets} == {tuple}


def test_special_tokens_stand_at_both_ends_and_point_nowhere(model: linnet.Classifier, default: Path) -> None:
    for encoding in model.encode(TEXTS):
        assert encoding.tokens[0] == special(default, "cls_token")
        assert encoding.tokens[-1] == special(default, "sep_token")
        assert encoding.offsets[0] == encoding.offsets[-1] == (0, 0)


def test_an_empty_text_has_special_tokens_only(model: linnet.Classifier) -> None:
    encoding = one(model, "")
    assert len(encoding.ids) == 2
    assert encoding.offsets == [(0, 0), (0, 0)]


@pytest.mark.parametrize("before", ["", "@someone ", "https://t.co/abcdefgh ", "@a @b http://x 🙂 @cc  ", "e\u0301 Ü "])
def test_offsets_point_into_the_text_as_given(model: linnet.Classifier, before: str) -> None:
    text = f"{before}wonderful weather"
    start = text.index("wonderful")
    found = [offset for offset in one(model, text).offsets[1:-1] if offset[0] >= start]
    assert found[0][0] == start
    assert found[-1][1] == len(text)
    assert "".join(text[slice(*offset)] for offset in found) == "wonderfulweather"


def test_a_mention_and_a_link_are_each_one_whole(model: linnet.Classifier) -> None:
    text = "@someone says https://t.co/abc now"
    offsets = one(model, text).offsets[1:-1]
    whole = [(text.index(word), text.index(word) + len(word)) for word in text.split()]
    assert sorted(set(offsets)) == whole
    assert offsets.count(whole[0]) >= 2  # @ and user


def test_offsets_of_a_prepared_text_point_into_it(model: linnet.Classifier) -> None:
    text = "@someone now"
    (encoding,) = model.encode(text, preprocess=False)
    assert "".join(text[slice(*offset)] for offset in encoding.offsets).replace(" ", "") == "@someonenow"


def test_an_over_long_text_is_cut_at_max_length_exactly(model: linnet.Classifier) -> None:
    max_length = model.bundle.settings.max_length
    for words, length in ((max_length - 3, max_length - 1), (max_length - 2, max_length), (max_length - 1, max_length)):
        encoding = one(model, "good " * words)
        assert len(encoding.ids) == length
        assert encoding.offsets[-1] == (0, 0)


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_text_is_cut_on_the_side_that_the_bundle_says(
    bundle_copy: Path, model: linnet.Classifier, rewrite_json: Callable[..., None], side: str
) -> None:
    rewrite_json(bundle_copy, SETTINGS, max_length=8, truncation_side=side)
    text = "one two three four five six seven eight nine ten"
    whole, cut = one(model, text), one(linnet.load(bundle_copy), text)
    kept = slice(6) if side == "right" else slice(-6, None)
    assert len(cut.ids) == 8
    assert inner(cut) == inner(whole)[kept]
    assert cut.offsets[1:-1] == whole.offsets[1:-1][kept]
    assert (cut.tokens[0], cut.tokens[-1]) == (whole.tokens[0], whole.tokens[-1])


def test_truncation_and_padding_of_the_file_itself_are_not_heeded(
    bundle_copy: Path, model: linnet.Classifier, rewrite_json: Callable[..., None]
) -> None:
    rewrite_json(
        bundle_copy,
        "tokenizer.json",
        truncation={"direction": "Left", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
        padding={
            "strategy": {"Fixed": 16},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        },
    )
    assert linnet.load(bundle_copy).encode(TEXTS) == model.encode(TEXTS)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[int, list[int]]:
    """The ids that sessions were given, by row."""
    seen: dict[int, list[int]] = {}
    run = Session.run

    def recorded(self: Session, batch: Batch) -> Any:
        seen.update(zip(batch.rows.tolist(), batch.input_ids.tolist(), strict=True))
        return run(self, batch)

    monkeypatch.setattr(Session, "run", recorded)
    return seen


def distinct(encodings: list[linnet.Encoding]) -> list[list[int]]:
    """The different ids, each once: texts that are alike run once."""
    found = [list(ids) for ids in dict.fromkeys(tuple(encoding.ids) for encoding in encodings)]
    assert len(found) > len(encodings) / 2
    return found


def test_the_logits_are_of_the_ids_that_encode_gives(model: linnet.Classifier, seen: dict[int, list[int]]) -> None:
    model.logits(TEXTS)
    assert [seen[row] for row in sorted(seen)] == distinct(model.encode(TEXTS))


def test_ids_that_the_model_has_not_are_the_unknown_token(
    bundle_copy: Path,
    model: linnet.Classifier,
    default: Path,
    rewrite_json: Callable[..., None],
    seen: dict[int, list[int]],
) -> None:
    unknown = special(default, "unk_token")
    index = json.loads((default / "tokenizer.json").read_bytes())["model"]["vocab"][unknown]
    whole = model.encode(TEXTS)
    known = sorted({index for encoding in whole for index in encoding.ids})[-3]  # one that occurs, and two above it
    rewrite_json(bundle_copy, CONFIG, vocab_size=known)
    rewrite_json(bundle_copy, SETTINGS, unk_token_id=index)
    mapped = classifier(bundle_copy)
    found = mapped.encode(TEXTS)
    assert found != whole
    assert [encoding.offsets for encoding in found] == [encoding.offsets for encoding in whole]
    for before, after in zip(whole, found, strict=True):
        pairs = list(zip(before.ids, before.tokens, strict=True))
        expected = [(index, unknown) if number >= known else (number, token) for number, token in pairs]
        assert list(zip(after.ids, after.tokens, strict=True)) == expected
    mapped.logits(TEXTS)
    assert [seen[row] for row in sorted(seen)] == distinct(found)


def test_a_bundle_may_say_nothing_of_unknown_ids(
    bundle_copy: Path, model: linnet.Classifier, rewrite_json: Callable[..., None]
) -> None:
    rewrite_json(bundle_copy, SETTINGS, unk_token_id=None)
    assert linnet.load(bundle_copy).encode(TEXTS) == model.encode(TEXTS)


def test_an_unknown_token_that_the_tokenizer_has_not_is_refused(default: Path) -> None:
    content = (default / "tokenizer.json").read_bytes()
    with pytest.raises(BundleFormatError, match=r"unk_token_id to be in .*found 123456789"):
        Tokenizer(content, max_length=8, truncation_side="right", vocab_size=10**9, unk_token_id=123456789)
