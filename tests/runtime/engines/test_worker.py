"""A worker answers columns with the bits of the model itself, in any process, and leaves missing values missing."""

import multiprocessing
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet.engines import Worker
from linnet.engines import worker as loading

TEXTS = ["Good news!", None, "", 7, "so bad 😡", float("nan"), b"bytes", "lone \ud800", "two hours on hold"]
READABLE = [text for text in TEXTS if isinstance(text, str) and "\ud800" not in text]


def answers(worker: Worker, texts: list[Any]) -> list[Any]:
    return list(worker.rows(texts))


def test_rows_are_the_models_answers(model: linnet.Classifier) -> None:
    found = answers(Worker(), TEXTS)
    assert [row is None for row in found] == [False, True, False, False, False, True, False, False, False]
    predictions = iter(model(READABLE))
    for row, text in zip(found, TEXTS, strict=True):
        if text in READABLE:
            expected = next(predictions)
            assert row == {
                "label": expected.label,
                "score": expected.score,
                "scores": expected.scores,
                "truncated": expected.truncated,
            }


def test_what_is_no_text_says_so_and_only_that() -> None:
    found = answers(Worker(), TEXTS)
    assert found[3] == {"error": "expected a str, found int; convert it first: str(value)"}
    assert found[6] == {"error": "expected a str, found bytes; decode it first: value.decode('utf-8')"}
    assert list(found[7]) == ["error"] and "lone surrogate '\\ud800' at character 5" in found[7]["error"]


def test_a_strict_worker_refuses_it_by_its_index() -> None:
    with pytest.raises(linnet.TextTypeError, match="text 2: expected a str, found int"):
        answers(Worker(strict=True), ["a", None, 7])
    with pytest.raises(linnet.TextValueError, match="text 0: lone surrogate"):
        answers(Worker(strict=True), ["\ud800"])
    assert answers(Worker(strict=True), [None]) == [None]


def test_rows_come_lazily() -> None:
    endless = (text for _ in iter(int, 1) for text in ("Good news!", None, 7))
    rows = Worker().rows(endless)
    assert [type(next(rows)) for _ in range(4)] == [dict, type(None), dict, dict]


def test_the_last_missing_ones_are_answered_too() -> None:
    assert answers(Worker(), [None, None]) == [None, None]
    assert answers(Worker(), []) == []
    assert [row is None for row in answers(Worker(), [None, "a", None, None])] == [True, False, True, True]


def test_numpy_in_numpy_out(model: linnet.Classifier) -> None:
    found = Worker()(np.array(TEXTS, dtype=object))
    assert found.dtype.names == ("label", "score", "scores", "truncated", "error") and len(found) == len(TEXTS)
    good, bad = model(["Good news!", "so bad 😡"])
    assert (found["label"][0], found["score"][0], found["label"][4]) == (good.label, good.score, bad.label)
    assert found["scores"]["negative"][4] == bad.scores["negative"]
    assert found["label"][1] is None and np.isnan(found["score"][1]) and np.isnan(found["scores"]["neutral"][1])
    assert found["error"][1] is None and "found int" in found["error"][3]


def test_vectors_as_numpy(tiny: Path, embedder: linnet.Embedder) -> None:
    found = Worker(tiny)(TEXTS)
    assert found["vector"].dtype == np.float32 and found["vector"].shape == (len(TEXTS), embedder.dimension)
    np.testing.assert_array_equal(found["vector"][[0, 2, 4, 8]], embedder(READABLE))
    assert np.isnan(found["vector"][1]).all()


@pytest.mark.parametrize("per", ["token", "word"])
def test_vectors_of_parts(tiny: Path, embedder: linnet.Embedder, per: str) -> None:
    expected = (embedder.tokens if per == "token" else embedder.words)("delays at the station")
    [row] = answers(Worker(tiny, per=per), ["delays at the station"])
    assert [part["token"] for part in row["tokens"]] == expected.tokens
    assert [(part["start"], part["end"]) for part in row["tokens"]] == expected.offsets
    np.testing.assert_array_equal([part["vector"] for part in row["tokens"]], expected.vectors)


def test_the_first_piece_of_a_word(tiny: Path, embedder: linnet.Embedder) -> None:
    text = "unbelievable delays"
    tokens, means = embedder.tokens(text), embedder.words(text)
    [row] = answers(Worker(tiny, per="word", pieces="first"), [text])
    firsts = [min(index for index, span in enumerate(tokens.offsets) if span[1] > start) for start, _ in means.offsets]
    assert len(tokens) > len(means)
    np.testing.assert_array_equal([part["vector"] for part in row["tokens"]], tokens.vectors[firsts])
    np.testing.assert_array_equal(embedder.words(text, pieces="first").vectors, tokens.vectors[firsts])
    assert not np.array_equal(means.vectors, tokens.vectors[firsts])


def test_arrow_in_arrow_out(model: linnet.Classifier) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    worker = Worker()
    for texts in (pyarrow.array(["Good news!", None]), pyarrow.chunked_array([["Good news!"], [None]])):
        found = worker(texts)
        assert found.type == worker.arrow_type and found.null_count == 1
        expected = model("Good news!")
        assert found[0].as_py() == {
            "label": expected.label,
            "score": expected.score,
            "scores": expected.scores,
            "truncated": False,
            "error": None,
        }
        assert found[1].as_py() is None


def test_vectors_as_arrow(tiny: Path, embedder: linnet.Embedder) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    texts = pyarrow.array(["a text", None, ""])
    found = Worker(tiny)(texts)
    np.testing.assert_array_equal(np.float32(found[2].as_py()["vector"]), embedder("")[0])
    assert found.type.field("vector").type == pyarrow.list_(pyarrow.float32()) and not found[1].is_valid
    parts = Worker(tiny, per="word")(texts)
    assert [part["token"] for part in parts[0].as_py()["tokens"]] == ["a", "text"]


def test_it_is_small_and_travels(bundle_copy: Path, model: linnet.Classifier) -> None:
    worker = Worker(bundle_copy)
    worker(["loaded"])
    content = pickle.dumps(worker)
    assert len(content) < 2000
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        [row] = pool.apply(answers, (worker, ["Good news!"]))
    assert row["scores"] == model("Good news!").scores


def test_a_process_loads_a_model_once(monkeypatch: pytest.MonkeyPatch, bundle_copy: Path) -> None:
    loads = list[object]()

    def counted(*arguments: Any) -> Any:
        loads.append(arguments)
        return linnet.load(arguments[1], threads=1)

    monkeypatch.setattr(loading, "_LOADED", type(loading._LOADED)())
    monkeypatch.setattr(loading, "loaded", counted)
    worker = Worker(bundle_copy)
    assert loads == []
    for one in (worker, pickle.loads(pickle.dumps(worker)), Worker(bundle_copy)):
        one(["a text"])
    assert len(loads) == 1


def test_another_bundle_in_its_place_is_refused(
    bundle_copy: Path, rewrite_json: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_LOADED", type(loading._LOADED)())
    worker = Worker(bundle_copy)
    rewrite_json(bundle_copy, "linnet.json", max_length=16)
    with pytest.raises(linnet.BundleIntegrityError, match="expected the bundle"):
        worker(["a"])


def test_what_cannot_be_is_refused_at_once(tiny: Path, tmp_path: Path, default: Path) -> None:
    with pytest.raises(linnet.BundleNotFoundError):
        Worker(tmp_path)
    with pytest.raises(linnet.InputError, match="per: expected one of text, token, word, found 'sentence'"):
        Worker(tiny, per="sentence")
    with pytest.raises(linnet.InputError, match="pieces: expected 'mean' or 'first', found 'last'"):
        Worker(tiny, pieces="last")
    with pytest.raises(linnet.InputError, match="call classify"):
        loading.embedding(default)
    with pytest.raises(linnet.InputError, match="call embed"):
        loading.classifying(tiny)
