import random
from itertools import pairwise

import linnet
import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from linnet.errors import InputError
from linnet.preprocessing import PreparedText
from linnet.tokenization.encoding import Encoding
from linnet.tokenization.tokenizer import Tokenizer
from linnet.tokenization.windows import WindowCutter

ROOM, SPECIALS = 8, 2


def tokenizer(model: linnet.Classifier, length: int, side: str = "right") -> Tokenizer:
    return Tokenizer(model.bundle.tokenizer_json, max_length=length, truncation_side=side)


def texts() -> list[str]:
    random_ = random.Random(15)
    words = ["good", "unbelievably", "🙂", "@user", "Überraschung", "a", "\n", "  ", "[SEP]", "don't", "東京"]
    return [" ".join(random_.choices(words, k=count)) for count in [*range(30), 100]]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("trimmed", [False, True])
def test_whole_texts_are_encoded_as_by_a_tokenizer_that_does_not_truncate(
    model: linnet.Classifier, side: str, trimmed: bool
) -> None:
    prepared = [PreparedText(text) for text in texts()]
    short, endless = tokenizer(model, ROOM + SPECIALS, side), tokenizer(model, 100_000)
    found = short.encode(prepared, trimmed=trimmed, whole=True)
    assert found == endless.encode(prepared, trimmed=trimmed)
    assert any(text.truncated for text in short.encode(prepared))


@pytest.mark.parametrize("overlap", [0, 1, 2, 7])
def test_windows_are_those_of_tokenizers(model: linnet.Classifier, overlap: int) -> None:
    """The same as ``return_overflowing_tokens`` and ``stride`` give in transformers."""
    library = tokenizers.Tokenizer.from_buffer(model.bundle.tokenizer_json)
    library.no_padding()
    library.enable_truncation(ROOM + SPECIALS, stride=overlap)
    endless, cutter = tokenizer(model, 100_000), WindowCutter(ROOM, SPECIALS, overlap)
    for text in texts():
        expected = library.encode(text)
        if not expected.overflowing:
            continue
        [encoding] = endless.encode([PreparedText(text)])
        found = cutter.windows(text, encoding)
        assert [window.ids for window in found] == [part.ids for part in (expected, *expected.overflowing)]


def encoding_of(offsets: list[tuple[int, int]]) -> Encoding:
    ids = [100, *range(len(offsets)), 101]
    return Encoding(ids, list(map(str, ids)), [(0, 0), *offsets, (0, 0)], [1, *([0] * len(offsets)), 1])


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=60),
    st.integers(1, 10),
    st.integers(0, 9),
    st.integers(0, 3),
)
def test_windows_cover_every_token_and_every_character(
    steps: list[tuple[int, int]], room: int, overlap: int, rest: int
) -> None:
    overlap = min(overlap, room - 1)
    offsets, place = list[tuple[int, int]](), 0
    for gap, length in steps:
        offsets.append((place + gap, place + gap + length))
        place += gap + length
    text = "x" * (place + rest)
    found = WindowCutter(room, 2, overlap).windows(text, encoding_of(offsets))
    inner = [window.ids[1:-1] for window in found]
    assert all(
        (window.ids[0], window.ids[-1], len(own)) == (100, 101, window.tokens)
        for window, own in zip(found, inner, strict=True)
    )
    assert [*inner[0], *(index for own in inner[1:] for index in own[overlap:])] == list(range(len(offsets)))
    assert all(len(own) == room for own in inner[:-1]) and len(inner[-1]) <= room
    assert all(own[-overlap:] == following[:overlap] for own, following in pairwise(inner) if overlap)
    spans = [window.span for window in found]
    assert spans[0][0] == 0 and spans[-1][1] == len(text)
    assert all(following[0] <= span[1] for span, following in pairwise(spans))
    for window, own in zip(found, inner, strict=True):
        assert all(window.span[0] <= offsets[index][0] and offsets[index][1] <= window.span[1] for index in own)


def test_a_quarter_of_a_window_is_shared_by_default() -> None:
    [first, second, _] = WindowCutter(8, 2, None).windows("x" * 20, encoding_of([(n, n + 1) for n in range(20)]))
    assert (first.span, second.span) == ((0, 8), (6, 14))


@pytest.mark.parametrize("overlap", [-1, 8, 100])
def test_an_overlap_that_leaves_no_step_is_refused(overlap: int) -> None:
    with pytest.raises(InputError, match=rf"expected an overlap of 0 to 7 tokens, found {overlap}"):
        WindowCutter(8, 2, overlap)


def test_a_bundle_that_reads_only_special_tokens_has_no_windows() -> None:
    with pytest.raises(InputError, match="cannot be read in windows"):
        WindowCutter(0, 2, None)
