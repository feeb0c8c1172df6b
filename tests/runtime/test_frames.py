"""Tables of pandas, polars and pyarrow get the answers as further columns, and stay what they are otherwise."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet import frames

pytest.importorskip("narwhals")

COLUMNS = {"id": [3, 1, 2], "text": ["Good news!", None, ""], "label": ["a", "b", "c"]}
ADDED = ["label_2", "score", "score_negative", "score_neutral", "score_positive"]
Make = Callable[[dict[str, Any]], Any]


@pytest.fixture(params=["pandas", "polars", "pyarrow"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a table of columns."""
    package = pytest.importorskip(request.param)
    return package.table if request.param == "pyarrow" else package.DataFrame  # type: ignore[no-any-return]


def values(table: Any, column: str) -> list[Any]:
    found = table[column]
    listed = found.to_pylist() if hasattr(found, "to_pylist") else list(found)
    return [None if one is None or (isinstance(one, float) and np.isnan(one)) else one for one in listed]


def columns(table: Any) -> list[str]:
    return list(getattr(table, "column_names", None) or table.columns)


def test_the_answers_come_after_the_columns(make: Make, model: linnet.Classifier) -> None:
    table = make(COLUMNS)
    found = frames.classify(table, "text", model)
    assert type(found) is type(table)
    assert columns(found) == [*COLUMNS, *ADDED] and columns(table) == list(COLUMNS)
    assert {name: values(found, name) for name in COLUMNS} == COLUMNS
    good, empty = model(["Good news!", ""])
    assert values(found, "label_2") == [good.label, None, empty.label]
    assert values(found, "score") == [good.score, None, empty.score]
    for label in model.labels:
        assert values(found, f"score_{label}") == [good.scores[label], None, empty.scores[label]]


def test_long_texts_and_low_scores_are_treated_as_the_model_does(make: Make, model: linnet.Classifier) -> None:
    texts = ["It is Monday. " * 300 + "I love it!", "Good news!"]
    for options in ({"long": "windows"}, {"long": linnet.Windowing(aggregate="max")}, {"min_score": 0.999}):
        found = frames.classify(make({"text": texts}), "text", model, **options)
        expected = model(texts, **options)
        assert values(found, "score") == [one.score for one in expected]
        assert values(found, "label") == [one.label for one in expected]


def test_columns_may_have_any_name_once(model: linnet.Classifier) -> None:
    pandas = pytest.importorskip("pandas")
    found = frames.classify(pandas.DataFrame({0: ["Good news!"]}), 0, model)  # type: ignore[arg-type]
    assert found["label"].tolist() == [model("Good news!").label]
    with pytest.raises(linnet.InputError, match="each column name once"):
        frames.classify(pandas.DataFrame([["a", "b"]], columns=["text", "text"]), "text", model)


def test_vectors_of_windows_are_a_column(make: Make, embedder: linnet.Embedder) -> None:
    texts = ["It is Monday. " * 300 + "I love it!"]
    found = values(frames.embed(make({"text": texts}), "text", embedder, long="windows"), "embedding")
    assert np.array_equal(np.array(found, np.float32), embedder(texts, long="windows"))


def test_the_default_and_a_folder_are_models_too(make: Make, default: Path) -> None:
    table = make(COLUMNS)
    found = [
        values(linnet.frames.classify(table, "text", *model), "score") for model in ([], [default], [str(default)])
    ]
    assert found[0] == found[1] == found[2] and found[0][0] > 0.3


def test_vectors_are_a_column(make: Make, embedder: linnet.Embedder) -> None:
    table = make(COLUMNS)
    found = frames.embed(table, "text", embedder)
    assert type(found) is type(table) and columns(found) == [*COLUMNS, "embedding"]
    first, missing, empty = values(found, "embedding")
    assert missing is None
    np.testing.assert_array_equal(np.array([first, empty], dtype=np.float32), embedder(["Good news!", ""]))


def test_a_table_without_rows_gets_its_columns(make: Make, model: linnet.Classifier) -> None:
    empty = make({"text": ["x"]})[:0]
    found = frames.classify(empty, "text", model)
    assert len(found) == 0 and columns(found) == ["text", *ADDED[:0], "label", *ADDED[1:]]


def test_an_index_stays(model: linnet.Classifier) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"text": ["Good news!", "bad", float("nan"), pandas.NA]}, index=["z", "y", "y", "x"])
    found = frames.classify(table, "text", model)
    assert list(found.index) == ["z", "y", "y", "x"]
    assert (
        values(found[:2], "label") == ["positive", "negative"]
        and found["label"].isna().tolist() == [False] * 2 + [True] * 2
    )


def test_what_is_no_text_is_named_by_its_row(make: Make, model: linnet.Classifier) -> None:
    with pytest.raises(linnet.TextTypeError, match="column 'id', row 0: expected a str, found int"):
        frames.classify(make(COLUMNS), "id", model)


def test_what_cannot_be_used_is_refused(
    make: Make, model: linnet.Classifier, embedder: linnet.Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    table: Any = make(COLUMNS)
    with pytest.raises(linnet.InputError, match="expected a column 'tweet', found 'id', 'text', 'label'"):
        frames.classify(table, "tweet", model)
    with pytest.raises(linnet.InputError, match="found list"):
        frames.classify(["a"], "text", model)
    with pytest.raises(linnet.InputError, match=r"linnet\.frames\.embed"):
        frames.classify(table, "text", embedder)
    with pytest.raises(linnet.InputError, match=r"linnet\.frames\.classify"):
        frames.embed(table, "text", model)
    monkeypatch.setitem(__import__("sys").modules, "narwhals", None)
    with pytest.raises(linnet.MissingPackageError, match=r"pip install 'narwhals>=1\.30'"):
        frames.classify(table, "text", model)


def test_a_lazy_table_has_to_be_collected(model: linnet.Classifier) -> None:
    polars = pytest.importorskip("polars")
    with pytest.raises(linnet.InputError, match=r"table\.collect\(\)"):
        frames.classify(polars.LazyFrame({"text": ["a"]}), "text", model)
