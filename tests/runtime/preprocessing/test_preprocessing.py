import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linnet.errors import BundleFormatError
from linnet.preprocessing import PREPROCESSORS, Edit, PreparedText, none, preprocessor, tweeteval
from linnet.preprocessing.edits import respacing

PIECES = ["@", "http", "https://t.co/x", "@user", "@@", "h", "HTTP", "user", "a", "é", "🙂", "\u200d", "\u2028"]
SPACES = [" ", " ", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\v"]
TEXTS = st.lists(
    st.sampled_from(PIECES) | st.sampled_from(SPACES) | st.characters(exclude_categories=["Cs"]), max_size=14
).map("".join)


def as_the_card_has_it(text: str) -> str:
    """The function of the cardiffnlp model cards, as it stands there."""
    new_text = []
    for t in text.split(" "):
        t = "@user" if t.startswith("@") and len(t) > 1 else t
        t = "http" if t.startswith("http") else t
        new_text.append(t)
    return " ".join(new_text)


def sources(text: str) -> list[tuple[int, int]]:
    """Where each character of the prepared text stood, word by word."""
    spans: list[tuple[int, int]] = []
    start = 0
    for word in text.split(" "):
        prepared = as_the_card_has_it(word)
        if prepared == word:
            spans += [(start + offset, start + offset + 1) for offset in range(len(word))]
        else:
            spans += [(start, start + len(word))] * len(prepared)
        start += len(word) + 1
        spans.append((start - 1, start))
    return spans[:-1]


def is_replaced(word: str) -> bool:
    return as_the_card_has_it(word) in ("@user", "http")


@settings(max_examples=3000)
@given(TEXTS)
@example("")
@example("@ @a a@b @\n@c http xhttp http\thttp  https")
@example("@user http @user")
@example("\n@a\n@b \nhttp")
def test_tweeteval_is_what_the_card_does(text: str) -> None:
    assert tweeteval(text).text == as_the_card_has_it(text)


@settings(max_examples=2000)
@given(TEXTS)
@example("@a http://t.co/abcdef @bb x")
def test_every_character_knows_its_source(text: str) -> None:
    prepared = tweeteval(text)
    assert len(sources(text)) == len(prepared.text)
    for position, source in enumerate(sources(text)):
        found = prepared.source_span(position, position + 1)
        # A word that is its own replacement ("http") may be one unit, or its characters.
        if found != source:
            word = text[slice(*found)]
            assert word in ("@user", "http")
            assert found[0] <= source[0] < source[1] <= found[1]
        start, end = source
        if end - start == 1 and not is_replaced(text[slice(*found)]):
            assert text[start:end] == prepared.text[position]


@settings(max_examples=600)
@given(TEXTS, st.data())
def test_spans_keep_their_order_and_stay_within_the_text(text: str, data: st.DataObject) -> None:
    prepared = tweeteval(text)
    start = data.draw(st.integers(0, len(prepared.text)))
    end = data.draw(st.integers(start, len(prepared.text)))
    found = prepared.source_span(start, end)
    assert 0 <= found[0] <= found[1] <= len(text)
    if start < end:
        each = sources(text)[start:end]
        assert found[0] <= each[0][0]
        assert found[1] >= each[-1][1]


def test_an_empty_span_stays_within_the_text() -> None:
    # A byte-level tokenizer gives the second of two spaces an empty span.
    prepared = tweeteval("@a @b  @c")
    assert prepared.text == "@user @user  @user"
    assert prepared.source_span(12, 12) == (6, 6)


def test_a_part_of_a_replacement_stands_for_all_that_was_replaced() -> None:
    prepared = tweeteval("so @someone says https://t.co/x now")
    assert prepared.text == "so @user says http now"
    assert prepared.source_span(3, 4) == (3, 11)
    assert prepared.source_span(4, 8) == (3, 11)
    assert prepared.source_span(15, 17) == (17, 31)
    assert prepared.source_span(0, 5) == (0, 11)
    assert prepared.source_span(6, 16) == (3, 31)
    assert prepared.source_span(19, 22) == (32, 35)


@given(TEXTS, st.integers(0, 20), st.integers(0, 20))
def test_none_is_the_identity(text: str, start: int, end: int) -> None:
    assert none(text) == PreparedText(text)
    assert none(text).source_span(start, end) == (start, end)


def test_a_prepared_text_is_prepared_no_further() -> None:
    for text in ("@user says http", "a @user", "http", ""):
        assert tweeteval(text).text == text


def test_the_presets_have_names() -> None:
    assert PREPROCESSORS == ("none", "tweeteval", "bertweet", "pysentimiento")
    assert preprocessor("none", None) is none
    assert preprocessor("tweeteval", None) is tweeteval


@pytest.mark.parametrize("name", ["bertweet", "pysentimiento"])
def test_a_preset_whose_tables_are_missing_is_refused(name: str) -> None:
    with pytest.raises(BundleFormatError, match=f"preprocessing.json.*'{name}'.*convert the checkpoint again"):
        preprocessor(name, None)


@st.composite
def edits(draw: st.DrawFn, length: int) -> list[Edit]:
    """Edits of a text of some length, in order and apart: replacements, deletions and insertions."""
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2])  # noqa: B905  # an odd one is left over
    apart: list[Edit] = []
    for start, end in pairs:
        if not apart or apart[-1].end < start:
            apart.append(Edit(start, end, draw(st.text("XYZ", max_size=3))))
    return apart


def each_source(text: str, passes: list[list[Edit]]) -> tuple[str, list[tuple[int, int]]]:
    """What passes make of a text, and where each character of it stood, carried along a character at a time."""
    spans = [(position, position + 1) for position in range(len(text))]
    whole = len(text)
    for made in passes:
        characters, kept, position = "", [], 0
        for edit in [*made, Edit(len(text), len(text), "")]:
            characters += text[position : edit.start] + edit.replacement
            kept += spans[position : edit.start]
            kept += [span_of(edit, spans, whole)] * len(edit.replacement)
            position = edit.end
        text, spans = characters, kept
    return text, spans


def span_of(edit: Edit, spans: list[tuple[int, int]], whole: int) -> tuple[int, int]:
    if replaced := [span for span in spans[edit.start : edit.end] if span[0] < span[1]]:
        return replaced[0][0], replaced[-1][1]
    if edit.start < edit.end:
        return spans[edit.start]
    if 0 < edit.start < len(spans) and spans[edit.start - 1] == spans[edit.start]:
        return spans[edit.start]  # put into what stands for one thing
    start = spans[edit.start][0] if edit.start < len(spans) else whole
    return start, start


@settings(max_examples=2000)
@given(st.data(), st.integers(0, 12), st.integers(0, 4))
def test_passes_on_top_of_each_other_lead_back_to_the_first_text(data: st.DataObject, length: int, count: int) -> None:
    text = "abcdefghijkl"[:length]
    prepared, passes = PreparedText(text), []
    for _ in range(count):
        passes.append(data.draw(edits(len(prepared.text))))
        prepared = prepared.edited(passes[-1])
    expected, spans = each_source(text, passes)
    assert prepared.text == expected
    found = [prepared.source_span(position, position + 1) for position in range(len(expected))]
    # Where the text ends with what was deleted, an insertion may stand before or after that.
    assert [span for span in found if span[0] < span[1]] == [span for span in spans if span[0] < span[1]]
    assert found == sorted(found)
    assert [end for _, end in found] == sorted(end for _, end in found)
    start = data.draw(st.integers(0, len(expected)))
    end = data.draw(st.integers(start, len(expected)))
    first, last = prepared.source_span(start, end)
    assert 0 <= first <= last <= length
    if standing := [span for span in found[start:end] if span[0] < span[1]]:
        assert (first, last) == (standing[0][0], standing[-1][1])


def test_edits_on_edits() -> None:
    prepared = PreparedText("go 🙂 now").edited([Edit(3, 4, "|smile|")])
    assert prepared.text == "go |smile| now"
    prepared = prepared.edited([Edit(3, 4, " a "), Edit(9, 10, " z ")])
    assert prepared.text == "go  a smile z  now"
    assert {prepared.source_span(position, position + 1) for position in range(3, 14)} == {(3, 4)}
    assert prepared.source_span(15, 18) == (5, 8)
    assert prepared.source_span(0, 18) == (0, 8)


def test_what_was_inserted_stands_for_nothing_and_what_was_deleted_is_passed_over() -> None:
    prepared = PreparedText("ab--cd").edited([Edit(1, 1, " "), Edit(2, 4, "")])
    assert prepared.text == "a bcd"
    assert [prepared.source_span(at, at + 1) for at in range(5)] == [(0, 1), (1, 1), (1, 2), (4, 5), (5, 6)]
    assert prepared.source_span(2, 4) == (1, 5)


def test_no_edits_are_no_pass() -> None:
    assert PreparedText("a").edited([]) == PreparedText("a")


@given(
    st.lists(st.tuples(st.sampled_from(["", " ", "  ", "\t", "\n\n"]), st.sampled_from("ab")), max_size=8), st.data()
)
def test_respacing_moves_white_space_alone(parts: list[tuple[str, str]], data: st.DataObject) -> None:
    before = "".join(space + letter for space, letter in parts) + data.draw(st.sampled_from(["", " "]))
    spaces = st.sampled_from(["", " ", "   ", "\n"])
    after = "".join(data.draw(spaces) + letter for _, letter in parts) + data.draw(spaces)
    prepared = PreparedText(before).edited(respacing(before, after))
    assert prepared.text == after
    at_before = [at for at, letter in enumerate(before) if not letter.isspace()]
    at_after = [at for at, letter in enumerate(after) if not letter.isspace()]
    assert [prepared.source_span(at, at + 1)[0] for at in at_after] == at_before


@pytest.mark.parametrize(("before", "after"), [("a", "b"), ("a", ""), ("", "a"), ("a b", "ac")])
def test_texts_that_differ_in_more_than_white_space_are_not_respaced(before: str, after: str) -> None:
    with pytest.raises(ValueError, match="only in white space"):
        list(respacing(before, after))
