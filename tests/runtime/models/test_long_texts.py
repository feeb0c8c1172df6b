from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet.errors import InputError
from linnet.tokenization.encoding import Tally

LONG = " ".join(
    f"{word} {number} @someone http://t.co/x{number}" for number in range(300) for word in ("Good", "awful")
)
SHORT = ["Good news!", "", "an awful day 🙂", "@someone http://t.co/abc"]


def covers(spans: list[tuple[int, int]], text: str) -> bool:
    steps = all(following[0] <= span[1] < following[1] for span, following in pairwise(spans))
    return steps and spans[0][0] == 0 and spans[-1][1] == len(text)


def test_texts_that_fit_get_the_same_bits(model: linnet.Classifier) -> None:
    assert np.array_equal(model.logits(SHORT, long="windows"), model.logits(SHORT))
    found = model(SHORT, long="windows")
    assert found == model(SHORT)
    for text, prediction in zip(SHORT, found, strict=True):
        [window] = prediction.windows
        assert (window.start, window.end) == (0, len(text))
        assert window.tokens == len(model.encode(text)[0].ids) - 2
        assert window.scores == prediction.scores


def test_the_default_truncates_and_says_so(model: linnet.Classifier) -> None:
    plain = model(LONG)
    assert plain.truncated and plain.windows == ()
    assert model(LONG, long="truncate") == plain
    windowed = model(LONG, long="windows")
    assert not windowed.truncated and windowed.scores != plain.scores


@pytest.mark.parametrize("preprocess", [True, False])
def test_windows_cover_the_whole_text_and_average_by_tokens(model: linnet.Classifier, preprocess: bool) -> None:
    prediction = model(LONG, preprocess=preprocess, long="windows")
    windows = prediction.windows
    assert len(windows) > 5
    assert covers([(window.start, window.end) for window in windows], LONG)
    assert all(window.tokens == 510 for window in windows[:-1]) and windows[-1].tokens < 510
    logits = np.array([list(window.logits.values()) for window in windows])
    tokens = np.array([window.tokens for window in windows])
    expected = (logits * tokens[:, None]).sum(axis=0) / tokens.sum()
    [row] = model.logits(LONG, preprocess=preprocess, long="windows")
    np.testing.assert_allclose(row, expected, rtol=1e-6)
    assert prediction.label == model.labels[int(expected.argmax())]


def test_the_first_window_is_what_truncation_reads(model: linnet.Classifier) -> None:
    plain = model(LONG)
    first = model(LONG, long=linnet.Windowing(aggregate="first"))
    assert first == plain and first.truncated
    assert first.windows[0].scores == plain.scores
    assert not model("Good news!", long=linnet.Windowing(aggregate="first")).truncated


def test_the_greatest_logit_of_each_label_is_taken(model: linnet.Classifier) -> None:
    long = linnet.Windowing(overlap=0, aggregate="max")
    [row] = model.logits(LONG, long=long)
    windows = model(LONG, long=long).windows
    assert row.tolist() == [max(window.logits[label] for window in windows) for label in model.labels]


def test_a_window_equals_its_own_tokens_as_a_text(model: linnet.Classifier) -> None:
    """Words of one token each: a window's characters are then the text of its tokens."""
    text = " ".join(["good", "bad", "day", "news"] * 300)
    for window in model(text, long="windows", preprocess=False).windows:
        part = text[window.start : window.end].strip()
        assert model(part, preprocess=False).scores == window.scores


def test_many_long_texts_get_the_bits_of_each_alone(model: linnet.Classifier) -> None:
    texts = [LONG[start:] for start in range(0, len(LONG), 4000)] + SHORT * 30
    together = list(model.stream(texts, long="windows"))
    alone = [model(text, long="windows") for text in texts]
    assert together == alone
    assert [one.windows for one in together] == [one.windows for one in alone]


def test_a_tally_counts_no_text_that_was_read_whole(model: linnet.Classifier) -> None:
    for long, truncated in (("truncate", 1), ("windows", 0), (linnet.Windowing(aggregate="first"), 1)):
        tally = Tally()
        list(model.stream([LONG, "Good"], long=long, tally=tally))
        assert (tally.texts, tally.truncated) == (2, truncated)


@pytest.mark.parametrize("long", ["split", "", None, 5])
def test_an_unknown_way_is_refused(model: linnet.Classifier, embedder: linnet.Embedder, long: Any) -> None:
    with pytest.raises(InputError, match="expected long to be 'truncate', 'windows' or"):
        model("Good", long=long)
    with pytest.raises(InputError, match="expected long to be"):
        embedder("Good", long=long)


@pytest.mark.parametrize("wrong", [{"aggregate": "median"}, {"overlap": 0.25}, {"overlap": True}])
def test_an_unknown_windowing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"expected {next(iter(wrong))} to be"):
        linnet.Windowing(**wrong)


def test_an_overlap_as_long_as_a_window_is_refused(model: linnet.Classifier) -> None:
    with pytest.raises(InputError, match="expected an overlap of 0 to 509 tokens, found 510"):
        model("Good", long=linnet.Windowing(overlap=510))


def test_vectors_of_texts_that_fit_have_the_same_bits(embedder: linnet.Embedder) -> None:
    assert np.array_equal(embedder(SHORT, long="windows"), embedder(SHORT))
    assert [len(one) for one in embedder.windows(SHORT)] == [1] * len(SHORT)
    assert np.array_equal(np.concatenate([one.vectors for one in embedder.windows(SHORT)]), embedder(SHORT))


def loaded(bundle: Path) -> linnet.Embedder:
    embedder = linnet.load(bundle)
    assert isinstance(embedder, linnet.Embedder)
    return embedder


WORDS = " ".join(["good", "news", "from", "here"] * 64)


def test_a_long_texts_vector_is_the_mean_of_its_windows_weighted_by_tokens(embedder: linnet.Embedder) -> None:
    found = embedder.windows(WORDS, overlap=3)
    assert covers(found.offsets, WORDS)
    assert found.tokens == [WORDS[start:end] for start, end in found.offsets]
    room = embedder.bundle.settings.max_length - 2
    last = len(embedder.encode(found.tokens[-1].strip())[0].ids) - 2
    weights = [*([room] * (len(found) - 1)), last]
    [vector] = embedder(WORDS, long=linnet.Windowing(overlap=3))
    assert 3 < last < room and len(found) > 3
    np.testing.assert_allclose(vector, np.average(found.vectors, axis=0, weights=weights), atol=1e-6)


def test_vectors_are_normalised_after_they_are_averaged(
    embedder: linnet.Embedder, tiny_copy: Path, rewrite_json: Any
) -> None:
    rewrite_json(tiny_copy, "linnet.json", normalize=True)
    unit = loaded(tiny_copy)
    [vector], [raw] = unit(WORDS, long="windows"), embedder(WORDS, long="windows")
    np.testing.assert_allclose(vector, raw / np.linalg.norm(raw), rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(unit.windows(WORDS).vectors, axis=1), 1, rtol=1e-6)


def test_the_first_windows_vector_is_that_of_the_truncated_text(embedder: linnet.Embedder) -> None:
    [first] = embedder(WORDS, long=linnet.Windowing(aggregate="first"))
    assert np.array_equal(first, embedder(WORDS)[0]) and np.array_equal(first, embedder.windows(WORDS).vectors[0])


def test_a_cache_serves_both_ways(tiny: Path) -> None:
    embedder = linnet.load(tiny, cache=100)
    assert isinstance(embedder, linnet.Embedder)
    plain = embedder(SHORT)
    assert np.array_equal(embedder(SHORT, long="windows"), plain) and np.array_equal(embedder(SHORT), plain)


def test_long_texts_are_not_read_far_ahead(model: linnet.Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linnet.texts.CHARACTERS", 1000)
    asked: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(20):
            asked.append(number)
            yield "good news " * 30

    for long in ("truncate", "windows"):
        asked.clear()
        next(model.stream(texts(), long=long))
        assert len(asked) == 4
