"""The presets take time linear in the text, and find the tokens that the grammar's one expression finds."""

import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linnet.preprocessing import PREPROCESSORS, Preprocessor, needs_tables, preprocessor
from linnet.preprocessing.tweet_tokens import tokens
from tweet_grammar import GRAMMAR

TABLES = Path(__file__).parents[3] / "export" / "linnet_export" / "bundle" / "preprocessing_tables"
PREPARE: dict[str, Preprocessor] = {
    name: preprocessor(name, (TABLES / f"{name}.json").read_bytes() if needs_tables(name) else None)
    for name in PREPROCESSORS
}

STEEP = 3.0  # quadratic time grows 8 or 16 times as steeply as linear time
UNITS = [
    *(
        "1.1.1",
        "a.a.",
        "a.",
        "a-.",
        "é.",
        "1",
        "8",
        "12",
        "1-",
        "1 ",
        "@@@",
        "@",
        "a@",
        "@a",
        "@a.aa",
        "a@b.",
        "aa.aa@",
    ),
    *("http:/a<", "http://a(", "http:/(a)<", "http:/()<", "http:/a(b)<", ".aa/", "é.aa/", "a.aa/(", "a.aa/!", "www."),
    *("<a", "<", "<>", "(", ")", "()", "(a", "((a)", "|_|", "|a", "|", "&#", "&", "&a", "#a", "#a'", "#é", "a'", "a-"),
    *("ha", "hhaa", "-*", "- ", ". ", ". \t", "...", "----", ":)", "\n", " \t", " p . m", "n't ", "cannot ", "Σ", "#Σ"),
    *(
        "❤️",
        "👍🏽",
        "😀\u200d",
        "👩🏽\u200d",
        "👩\u200d👩",
        "🇵",
        "1\ufe0f",
        "\u200d",
        "\ufe0f",
        "e\u0301",
        "\u0301",
        "\0",
    ),
]


def seconds(prepare: Preprocessor, text: str) -> float:
    """The processor's time to prepare a text and to find where its parts stood."""
    start = time.process_time()
    prepared = prepare(text)
    for at in range(0, len(prepared.text) - 2, 256):
        prepared.source_span(at, at + 3)
    return time.process_time() - start


def steepness(prepare: Preprocessor, unit: str, short: int, long: int) -> float:
    """How many times as steep as linear the time grows between texts of two lengths."""
    least = min(seconds(prepare, unit * (short // len(unit))) for _ in range(4)) + 0.001
    found: list[float] = []
    while len(found) < 4 and not (found and min(found) < STEEP):  # other programs disturb
        found.append(seconds(prepare, unit * (long // len(unit))) / least * short / long)
    return min(found)


@pytest.mark.parametrize("name", PREPROCESSORS)
def test_time_grows_as_the_text_does(name: str) -> None:
    found = {unit: steepness(PREPARE[name], unit, 2_000, 16_000) for unit in UNITS}
    assert {unit: steep for unit, steep in found.items() if steep > STEEP} == {}


@pytest.mark.parametrize("unit", ["😀\u200d", "👩🏽\u200d", "❤️", "👍🏽"])
def test_time_grows_as_the_number_of_emoji_does(unit: str) -> None:
    assert steepness(PREPARE["pysentimiento"], unit, 4_000, 64_000) < STEEP


PIECES = [
    *("http://", "http:", "https:/", "HTTP:///", "httpß:", "http:a", "www.", "a.", "a", "aa", ".com", ".com/", "a.co/"),
    *("/", "//", "(", ")", "()", "(a)", "((a)b)", "(!", "!)", "!", "?", ".", "..", "-", "--", ".-", "-.", "@", "@a"),
    *("a@", "a@b.c", "b.c@", "1", "123", "1234", "é", "à", "ß", "²", "_", "<", ">", "<>", "<a", "<3", ":)", "8)", ":"),
    *("#", "#a", "'", "a'b", "«", "¡", "\xa0", " ", "\n", "{", "[", "]", "}", "`", ",", "+", "%", "=", "|", "\\", "*"),
    *("-a", "a-b.cd", "x.abcdefghijklm", "x.abcdefghijklmn", "aé.com", ".comé", ".com@", ".com/@", "comß/", ".aa/"),
]


@settings(max_examples=6000, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("http:/(a)<http:/(a)<x)")
@example("https:/aé.comaa@a<a")
@example("http://x(a(b)c)d)(e")
@example("1.com.foo@b.cd")
def test_tokens_are_those_of_the_grammar(stand_ins: str) -> None:
    assert list(tokens(stand_ins)) == [match.span() for match in GRAMMAR.finditer(stand_ins)]
