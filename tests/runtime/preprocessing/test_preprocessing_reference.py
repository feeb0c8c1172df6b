"""The presets ``bertweet`` and ``pysentimiento``, held against what their authors' own code gave.

``scripts/preprocessing_reference.py`` wrote the outputs, and tests/parity holds that they are still what it writes.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import linnet
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linnet.bundle import opening as bundle
from linnet.errors import BundleFormatError, BundleIntegrityError
from linnet.preprocessing import Preprocessor, preprocessor

TABLES = Path(__file__).parents[3] / "export" / "linnet_export" / "bundle" / "preprocessing_tables"
REFERENCE = Path(__file__).parents[1] / "preprocessing_reference.jsonl"
ROWS: list[dict[str, str]] = [
    json.loads(line) for line in REFERENCE.read_text(encoding="utf-8").rstrip("\n").split("\n")
]

PRESETS = ("bertweet", "pysentimiento")
CONTENT = {name: (TABLES / f"{name}.json").read_bytes() for name in PRESETS}
PREPARE: dict[str, Preprocessor] = {name: preprocessor(name, CONTENT[name]) for name in PRESETS}

PLAIN = "zebra"  # a word that no preset changes
EMOJI = ["🙂", "❤️", "👩🏽‍🚒", "🏳️‍🌈", "🇵🇹", "#️⃣", "👩\u200dx", "🏽", "\ufe0f", "\u200d", "☻", "♀"]
PIECES = [
    *("@", "@user", "#GoodNews", "#a", "http://t.co/x", "foo.com", "&amp;", "&#x27;", "&#xD83D;", "’", "…", "‘", "“"),
    *("!!!!!!", "soooo", "haha", "hahahah", "|", "|a_b|", "n't", "can't", "cannot", "p.m.", "p . m .", ":)", "<3", "."),
    *("555-123-4567", "é", "é\u0301", "Σ", "#aΣ", "#İa", "K", "日本", "ا", "a", "B", "_", "~", ";", "/", "("),
]
SPACES = [" ", " ", "  ", "    ", "\t", "\n", "\u00a0", "\u3000", "\x1c", "\u200b"]
TEXTS = st.lists(
    st.sampled_from(PIECES)
    | st.sampled_from(EMOJI)
    | st.sampled_from(SPACES)
    | st.characters(exclude_categories=["Cs"]),
    max_size=10,
).map("".join)

NO_LETTERS: tuple[Any, ...] = (None, [1], [2, 1], [1, 1], [1, "2"], [True, 2], [1.0, 2], {})
NO_EMOJI: tuple[Any, ...] = ([], {"🙂": 1}, {"": "nothing"})
NO_COMPONENTS: tuple[Any, ...] = (None, "x", [])

Rewrite = Callable[[Path, str, bytes], None]


def test_there_is_enough_to_compare_with() -> None:
    assert len(ROWS) > 1900
    for name in PRESETS:
        assert sum(row[name] != row["text"] for row in ROWS) > 1500


@pytest.mark.parametrize("name", PRESETS)
def test_texts_are_prepared_as_the_authors_code_does(name: str) -> None:
    differ = [row["text"] for row in ROWS if PREPARE[name](row["text"]).text != row[name]]
    assert differ == []


@pytest.mark.parametrize("name", PRESETS)
def test_source_spans_of_the_reference_texts_keep_their_order(name: str) -> None:
    for row in ROWS:
        assert_in_order(PREPARE[name], row["text"])


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=800)
@given(text=TEXTS)
@example(text="")
@example(text=" ")
@example(text="&#xD83D;&#xDE42; 👩\u200d👩🏽\u200dx|🙂_🙂|")
def test_source_spans_keep_their_order_and_stay_within_the_text(name: str, text: str) -> None:
    assert_in_order(PREPARE[name], text)
    PREPARE[name](text).text.encode()  # no lone surrogate: a tokenizer could not take it


def assert_in_order(prepare: Preprocessor, text: str) -> None:
    prepared = prepare(text)
    spans = [prepared.source_span(at, at + 1) for at in range(len(prepared.text))]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    ends = [end for _, end in spans]
    assert ends == sorted(ends)
    if standing := [span for span in spans if span[0] < span[1]]:
        assert prepared.source_span(0, len(spans)) == (standing[0][0], standing[-1][1])


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=800)
@given(parts=st.lists(TEXTS, min_size=1, max_size=5))
def test_what_is_not_changed_stands_for_itself(name: str, parts: list[str]) -> None:
    text = f" {PLAIN} ".join(parts)
    prepared = PREPARE[name](text)
    found, expected = occurrences(prepared.text), occurrences(text)
    assert len(found) == len(expected)
    for at, stood in zip(found, expected, strict=True):
        for offset in range(len(PLAIN)):
            assert prepared.source_span(at + offset, at + offset + 1) == (stood + offset, stood + offset + 1)
        assert prepared.source_span(at, at + len(PLAIN)) == (stood, stood + len(PLAIN))


def occurrences(text: str) -> list[int]:
    """Where the plain word begins, each time."""
    found, start = [], -1
    while (start := text.find(PLAIN, start + 1)) >= 0:
        found.append(start)
    return found


@pytest.mark.parametrize(
    ("name", "text", "prepared", "sources"),
    [
        ("bertweet", "so 🙂!", "so :slightly_smiling_face: !", {":slightly_smiling_face:": "🙂", "!": "!", "so": "so"}),
        ("bertweet", "@ann_b: hi", "@USER : hi", {"@USER": "@ann_b", ":": ":", "hi": "hi"}),
        ("bertweet", "see www.x.org/ab, ok", "see HTTPURL , ok", {"HTTPURL": "www.x.org/ab", ",": ",", "ok": "ok"}),
        ("bertweet", "a &lt; b", "a < b", {"<": "&lt;", "b": "b"}),
        ("bertweet", "we don’t  go", "we do n't go", {"do": "do", "n't": "n’t", "'": "’", "go": "go"}),
        (
            "bertweet",
            "I cannot!!!!!! ok…",
            "I can not ! ! ! ok ...",
            {"can": "can", "not": "not", "ok": "ok", "...": "…"},
        ),
        ("bertweet", "6 p.m. x", "6 p.m. x", {"p.m.": "p.m.", "x": "x"}),
        ("bertweet", "#GoodNews!", "#GoodNews !", {"#GoodNews": "#GoodNews"}),
        (
            "pysentimiento",
            "so 👩🏽‍🚒!",
            "so  emoji woman firefighter medium skin tone emoji !",
            {"so": "so", "woman": "👩🏽‍🚒", "emoji woman firefighter medium skin tone emoji": "👩🏽‍🚒", "!": "!"},
        ),
        ("pysentimiento", "x ☻", "x  emoji grinning face with big eyes emoji", {"x": "x", "face": "☻"}),
        ("pysentimiento", "@ann_b: hi", "@USER: hi", {"@USER": "@ann_b", ":": ":", "hi": "hi"}),
        ("pysentimiento", "see www.x.org/a, ok", "see HTTPURL, ok", {"HTTPURL": "www.x.org/a", ",": ",", "ok": "ok"}),
        ("pysentimiento", "see http://x.com/a ok", "see HTTPURL ok", {"HTTPURL": "http://x.com/a", "ok": "ok"}),
        (
            "pysentimiento",
            "Big #GoodNewsABC!",
            "Big hashtag good news abc!",
            {"hashtag": "#", "good": "Good", "news": "News", "abc": "ABC", "good news": "GoodNews", "!": "!"},
        ),
        ("pysentimiento", "soooo nice", "sooo nice", {"sooo": "sooo", "nice": "nice"}),
        ("pysentimiento", "no~w – ok", "now  ok", {"now": "no~w", "ok": "ok"}),
        ("pysentimiento", "ahahahah yes", "haha yes", {"haha": "ahahahah", "yes": "yes"}),
        ("pysentimiento", "  |a_b| x ", "emoji a b emoji  x", {"a": "a", "b": "b", "x": "x"}),
    ],
)
def test_where_each_part_stood(name: str, text: str, prepared: str, sources: dict[str, str]) -> None:
    found = PREPARE[name](text)
    assert found.text == prepared
    for part, source in sources.items():
        at = found.text.index(part)
        assert text[slice(*found.source_span(at, at + len(part)))] == source, part


def test_a_lone_surrogate_from_an_entity_is_what_no_vocabulary_has() -> None:
    prepared = PREPARE["bertweet"]("a &#xD83D;&#xDE42; b")
    assert prepared.text == "a \uffff \uffff b"
    assert prepared.source_span(2, 3) == (2, 10)
    assert prepared.source_span(4, 5) == (10, 18)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize(
    "unit", ["!?", "a.", "(", "x(!)", "#", "1", "-", "|a", "ah", "😀\u200d", "👩🏽\u200d", "&#", "😀"]
)
def test_no_text_takes_forever(name: str, unit: str) -> None:
    # What is exponential would not end, and what is cubic takes minutes.
    for start in ("", "http://"):
        assert_in_order(PREPARE[name], start + unit * (1000 // len(unit)))


@pytest.mark.parametrize("name", PRESETS)
def test_a_bundle_carries_its_tables(
    name: str, bundle_copy: Path, rewrite: Rewrite, rewrite_json: Callable[..., None]
) -> None:
    rewrite_json(bundle_copy, "linnet.json", preprocessing=name)
    with pytest.raises(BundleFormatError, match=r"expected preprocessing\.json") as error:
        linnet.load(bundle_copy)
    assert str(bundle_copy) in str(error.value)
    assert bundle.open_bundle(bundle_copy).preprocessing_tables is None
    rewrite(bundle_copy, "preprocessing.json", CONTENT[name])
    model = linnet.load(bundle_copy)
    assert model.bundle.preprocessing_tables == CONTENT[name]
    text = "@a_b loves it 🙂 #GoodNews"
    assert model(text) == model(PREPARE[name](text).text, preprocess=False)
    assert model(text) != model(text, preprocess=False)
    (encoding,) = model.encode(text)
    words = [text[slice(*span)] for span in encoding.offsets]
    assert words[0] == "" == words[-1]
    assert {"loves", "it", "🙂"} <= set(words)


def test_tables_that_were_altered_are_refused(bundle_copy: Path, rewrite: Rewrite, replace: Any) -> None:
    rewrite(bundle_copy, "preprocessing.json", CONTENT["bertweet"])
    replace(bundle_copy / "preprocessing.json", CONTENT["bertweet"].replace(b"face", b"fake"))
    with pytest.raises(BundleIntegrityError, match=r"preprocessing\.json was altered"):
        linnet.load(bundle_copy)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        *((name, "preset", value) for name in PRESETS for value in ("tweeteval", None)),
        *(("bertweet", "letters", value) for value in NO_LETTERS),
        *(("bertweet", key, None) for key in ("digits", "decimals", "emoji")),
        *((name, "emoji", value) for name in PRESETS for value in NO_EMOJI),
        *(("pysentimiento", key, None) for key in ("cased", "ignored", "uncased", "upper", "lower", "replacements")),
        *(("pysentimiento", "components", value) for value in NO_COMPONENTS),
        *(("pysentimiento", key, "abc") for key in ("upper", "lower")),
    ],
)
def test_tables_that_make_no_sense_are_refused(name: str, key: str, value: object) -> None:
    tables = {**json.loads(CONTENT[name]), key: value}
    with pytest.raises(BundleFormatError, match=rf"preprocessing\.json: .*{key if key != 'preset' else ''}"):
        preprocessor(name, json.dumps(tables).encode())
    del tables[key]
    with pytest.raises(BundleFormatError, match=r"preprocessing\.json: "):
        preprocessor(name, json.dumps(tables).encode())


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"{}"])
def test_tables_that_are_no_json_object_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(BundleFormatError, match=r"preprocessing\.json: expected"):
        preprocessor(name, content)


def test_the_presets_are_imported_only_where_a_bundle_asks_for_them() -> None:
    code = "import sys, linnet; linnet.load(); print(*(name for name in sys.modules if 'preprocessing.' in name))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert sorted(loaded) == ["linnet.preprocessing.edits", "linnet.preprocessing.presets"]
