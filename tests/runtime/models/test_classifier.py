import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import bits
import linnet
import linnet.pipeline
import numpy as np
import numpy.typing as npt
import pytest
from checked import classifier
from linnet.bundle.opening import Bundle, open_bundle
from linnet.inference.batching import Batch
from linnet.inference.session import Session
from linnet.pipeline import CHUNK
from linnet.texts import PATIENCE

TEXTS = [
    "Good news!",
    "What an awful, awful day.",
    "",
    "The train leaves at nine.",
    "@someone I love this so much http://t.co/abc 🙂",
    "so disappointed " * 40,
]


class ExactSession:
    """Stands in for a `Session`; a row's logits depend on its own ids and on nothing else."""

    dimension, rank = 3, 2
    threads = 2

    def __init__(self, bundle: Bundle, *, threads: int, model: bytes | None = None) -> None:
        assert bundle.graph.is_file()

    def run(self, batch: Batch) -> npt.NDArray[np.float32]:
        ids = batch.input_ids
        weights = np.arange(1, ids.shape[1] + 1)
        columns = [(ids * weights).sum(axis=1) % 97, ids.sum(axis=1) % 89, np.ones_like(ids).sum(axis=1) % 83]
        return np.stack(columns, axis=1).astype(np.float32)

    run_alone = run


@pytest.fixture
def exact(default: Path, monkeypatch: pytest.MonkeyPatch) -> linnet.Classifier:
    """A classifier of which only the session is not the real one."""
    monkeypatch.setattr(linnet.pipeline, "session_of", ExactSession)
    return linnet.Classifier(open_bundle(default))


def shuffled(count: int, longest: int) -> list[str]:
    """Texts of many lengths, no two alike, in no order."""
    random_ = random.Random(count)
    words = [
        "good",
        "bad",
        "love",
        "hate",
        "tomorrow",
        "the",
        "a",
        "great",
        "awful",
        "fine",
        "day",
        "news",
        "@me",
        "http://x.y",
    ]
    return [" ".join([str(number), *random_.choices(words, k=random_.randint(0, longest))]) for number in range(count)]


def test_one_text_gets_one_prediction_and_a_list_gets_a_list(model: linnet.Classifier) -> None:
    one = model("Good news!")
    assert isinstance(one, linnet.Prediction)
    assert model(["Good news!"]) == [one]
    assert one.label in model.labels
    assert list(one.scores) == list(model.labels)
    assert one.score == max(one.scores.values()) == one.scores[one.label]
    assert sum(one.scores.values()) == pytest.approx(1, abs=1e-5)


def test_the_default_bundle_tells_good_from_bad(model: linnet.Classifier) -> None:
    assert model("I love it, what a wonderful day!").label == "positive"
    assert model("I hate it, what a terrible day!").label == "negative"


def test_no_texts_get_nothing(model: linnet.Classifier) -> None:
    assert model([]) == []
    assert list(model.stream([])) == []
    assert model.encode([]) == []
    assert model.logits([]).shape == (0, len(model.labels))
    assert model.logits([]).dtype == np.float32


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_logits_are_float32_a_row_a_text(model: linnet.Classifier, count: int) -> None:
    logits = model.logits(TEXTS[:count])
    assert logits.dtype == np.float32
    assert logits.shape == (count, len(model.labels))
    assert np.isfinite(logits).all()


def test_logits_of_a_str_are_one_row(model: linnet.Classifier) -> None:
    assert model.logits("Good news!").shape == (1, len(model.labels))


def test_predictions_are_the_softmax_of_the_logits(model: linnet.Classifier) -> None:
    powers = np.exp(model.logits(TEXTS).astype(np.float64))
    expected = powers / powers.sum(axis=1, keepdims=True)
    predictions = model(TEXTS)
    np.testing.assert_allclose([list(found.scores.values()) for found in predictions], expected, atol=1e-6)
    assert [found.label for found in predictions] == [model.labels[best] for best in expected.argmax(axis=1)]


def test_a_batch_as_large_as_the_label_count_is_not_turned(model: linnet.Classifier) -> None:
    # Of one length, so that they make one batch of exactly three.
    texts = ["I love love love it", "I hate hate hate it", "I have have have it"]
    assert len({len(encoding.ids) for encoding in model.encode(texts)}) == 1
    assert len(texts) == len(model.labels)
    assert [found.label for found in model(texts)[:2]] == ["positive", "negative"]
    for found in model(texts):
        assert sum(found.scores.values()) == pytest.approx(1, abs=1e-5)


def test_every_text_gets_its_own_logits_in_the_order_of_the_texts(exact: linnet.Classifier) -> None:
    texts = shuffled(400, longest=60)
    alone = np.concatenate([exact.logits(text) for text in texts])
    assert len(np.unique(alone, axis=0)) > 390
    np.testing.assert_array_equal(exact.logits(texts), alone)
    np.testing.assert_array_equal(exact.logits(texts[::-1]), alone[::-1])


@pytest.mark.parametrize("count", [CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK - 5])
def test_a_stream_is_the_list_over_again(exact: linnet.Classifier, count: int) -> None:
    texts = shuffled(count, longest=30)
    assert list(exact.stream(iter(texts))) == exact(texts)


def test_a_stream_of_a_str_is_one_prediction(model: linnet.Classifier) -> None:
    assert list(model.stream("Good news!")) == [model("Good news!")]


def test_a_stream_reads_no_further_ahead_than_a_chunk(exact: linnet.Classifier) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            assert read <= 3 * CHUNK  # rather than to fill the memory
            yield f"text {read}"

    stream = exact.stream(endless())
    assert read == 0
    next(stream)
    assert read == CHUNK
    assert len(list(islice(stream, CHUNK - 1))) == CHUNK - 1
    assert read == CHUNK
    next(stream)
    assert read == 2 * CHUNK


def test_the_texts_of_a_slow_producer_are_not_held_back(
    exact: linnet.Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, read = 0.0, 0

    def slow() -> Iterator[str]:
        nonlocal now, read
        for number in range(CHUNK):
            now += 0.6 * PATIENCE
            read += 1
            yield f"text {number}"

    monkeypatch.setattr(linnet.texts, "monotonic", lambda: now)
    stream = exact.stream(slow())
    assert read == 0
    next(stream)
    assert read == 3
    list(islice(stream, 3))
    assert read == 6
    assert len(list(stream)) == CHUNK - 4


def test_a_generator_does_as_well_as_a_list(model: linnet.Classifier) -> None:
    assert model(text for text in TEXTS) == model(TEXTS)


def test_a_text_that_is_prepared_already_gets_the_same_either_way(model: linnet.Classifier) -> None:
    prepared = ["@user says http", "nothing to prepare", "", "http"]
    np.testing.assert_array_equal(model.logits(prepared), model.logits(prepared, preprocess=False))
    assert model(prepared) == model(prepared, preprocess=False)
    assert list(model.stream(prepared)) == list(model.stream(prepared, preprocess=False))
    for default, as_is in zip(model.encode(prepared), model.encode(prepared, preprocess=False), strict=True):
        assert default.ids == as_is.ids


def test_texts_are_prepared_unless_they_are_said_to_be(model: linnet.Classifier) -> None:
    raw, prepared = "@someone http://t.co/abc", "@user http"
    np.testing.assert_array_equal(model.logits(raw), model.logits(prepared))
    assert (model.logits(raw, preprocess=False) != model.logits(prepared)).any()
    assert model(raw, preprocess=False) != model(raw) == model(prepared)
    assert list(model.stream([raw], preprocess=False)) != list(model.stream([raw]))


def test_a_text_of_five_megabytes_is_answered_from_max_length_tokens(
    model: linnet.Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = []
    run = Session.run

    def recorded(self: Session, batch: Batch) -> npt.NDArray[np.float32]:
        shapes.append(batch.input_ids.shape)
        return run(self, batch)

    monkeypatch.setattr(Session, "run", recorded)
    assert model("good " * 1_000_000).label in model.labels
    assert shapes == [(1, model.bundle.settings.max_length)]


@pytest.mark.parametrize("ask", [bits.logits, bits.predictions, bits.streamed_predictions])
def test_the_same_text_gets_the_same_bits_whatever_it_is_asked_with(default: Path, ask: bits.Ask) -> None:
    one, two = (linnet.load(default, threads=threads) for threads in (1, 2))
    bits.assert_same_bits(ask, one, two, bits.of_every_length(24, each=2))


def test_a_stream_gives_the_same_bits_as_a_list(model: linnet.Classifier) -> None:
    texts = shuffled(1500, longest=6)
    assert list(model.stream(texts)) == model(texts)


def test_the_same_text_gets_the_same_bits_on_any_thread_count(default: Path) -> None:
    one, two = (classifier(default, threads=threads) for threads in (1, 2))
    assert [found.label for found in one(TEXTS)] == [found.label for found in two(TEXTS)]
    np.testing.assert_array_equal(one.logits(TEXTS), two.logits(TEXTS))


def test_four_threads_at_once_get_what_one_gets(model: linnet.Classifier) -> None:
    texts = shuffled(40, longest=20)
    expected = [found.label for found in model(texts)]

    def labels(_: int) -> list[str | None]:
        return [prediction.label for prediction in model(texts)]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(labels, range(8))) == [expected] * 8


@pytest.mark.parametrize("threads", [0, -1, 513, True])
def test_threads_that_cannot_be_are_refused(threads: int) -> None:
    with pytest.raises(ValueError, match=f"at least 1 and at most 512, found {threads}"):
        linnet.load(threads=threads)


def test_a_classifier_says_what_it_runs(model: linnet.Classifier) -> None:
    assert repr(model) == f"Classifier({str(model.bundle.path)!r}, labels=('negative', 'neutral', 'positive'))"
