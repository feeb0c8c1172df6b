from hypothesis import example, given, settings
from hypothesis import strategies as st
from linnet.preprocessing import PREPROCESSORS, PreparedText, none, tweeteval

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
    assert {"none": none, "tweeteval": tweeteval} == PREPROCESSORS
