"""DuckDB, Polars, Ray Data and Dask get the model's own bits in a struct, and leave missing texts missing."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet import engines

TEXTS = ["Good news!", None, "", "so bad 😡", "two hours on hold"] * 5


@pytest.fixture(scope="module")
def expected(model: linnet.Classifier) -> list[Any]:
    """What a column of predictions has, as Python's own values."""
    found = iter(model([text for text in TEXTS if text is not None]))
    return [None if text is None else as_row(next(found)) for text in TEXTS]


def as_row(found: linnet.Prediction) -> dict[str, Any]:
    return {"label": found.label, "score": found.score, "scores": found.scores, "truncated": False, "error": None}


def check_vectors(found: list[Any], embedder: linnet.Embedder) -> None:
    assert [one is None for one in found] == [text is None for text in TEXTS]
    vectors = np.array([one["vector"] for one in found if one], dtype=np.float32)
    np.testing.assert_array_equal(vectors, embedder([text for text in TEXTS if text is not None]))


def test_duckdb(expected: list[Any], embedder: linnet.Embedder, tiny: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE tweets (id INTEGER, text VARCHAR)")
        connection.executemany("INSERT INTO tweets VALUES (?, ?)", list(enumerate(TEXTS)))
        engines.register(connection, "sentiment")
        engines.register(connection, "vectors", tiny)
        rows = connection.execute("SELECT sentiment(text), vectors(text) FROM tweets ORDER BY id").fetchall()
        assert [row[0] for row in rows] == expected
        check_vectors([row[1] for row in rows], embedder)
        counts = connection.execute("SELECT sentiment(text).label AS mood, count(*) FROM tweets GROUP BY 1 ORDER BY 1")
        labels = sorted(row["label"] for row in expected if row)
        assert dict(counts.fetchall()) == {None: 5, **{label: labels.count(label) for label in labels}}


def test_duckdb_over_many_rows(model: linnet.Classifier) -> None:
    """More rows than DuckDB hands over at a time, on several threads."""
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(config={"threads": 4}) as connection:
        engines.register(connection, "sentiment")
        found = connection.execute(
            "SELECT n, sentiment('so bad, number ' || n % 50).score FROM range(10000) AS numbers(n) ORDER BY n"
        ).fetchall()
    scores = [prediction.score for prediction in model(f"so bad, number {number}" for number in range(50))]
    assert found == [(number, scores[number % 50]) for number in range(10000)]


def test_polars(expected: list[Any], embedder: linnet.Embedder, tiny: Path) -> None:
    polars = pytest.importorskip("polars")
    import linnet.engines.polars

    table = polars.DataFrame({"text": TEXTS})
    text = polars.col("text")
    moods = table.select(text.linnet.classify())["text"]
    assert moods.to_list() == expected
    check_vectors(table.select(text.linnet.embed(tiny))["text"].to_list(), embedder)
    lazy = (
        table.lazy()
        .with_columns(text.linnet.classify().alias("mood"))
        .filter(polars.col("mood").struct.field("label") == "negative")
    )
    for engine in ("in-memory", "streaming"):
        assert lazy.collect(engine=engine)["mood"].to_list() == [
            row for row in expected if row and row["label"] == "negative"
        ]
    words = table.head(1).select(text.linnet.embed(tiny, per="word"))["text"].to_list()
    assert [part["token"] for part in words[0]["tokens"]] == ["Good", "news!"]
    with pytest.raises(linnet.InputError, match="call embed"):
        text.linnet.classify(tiny)


def test_dask(expected: list[Any], embedder: linnet.Embedder, tiny: Path) -> None:
    pytest.importorskip("dask.dataframe")
    import dask.dataframe
    import pandas
    from linnet.engines import dask as with_dask

    pandas_frame = pandas.DataFrame({"text": TEXTS}, index=range(100, 100 + len(TEXTS)))
    frame = dask.dataframe.from_pandas(pandas_frame, npartitions=3)
    found = with_dask.embed(with_dask.classify(frame, "text"), "text", tiny)
    for scheduler in ("threads", "processes"):
        computed = found.compute(scheduler=scheduler)
        assert list(computed.index) == list(pandas_frame.index)
        assert [None if one is pandas.NA else one for one in computed["prediction"]] == expected
        check_vectors([None if one is pandas.NA else one for one in computed["embedding"]], embedder)
    assert found["prediction"].dtype == found.compute()["prediction"].dtype


@pytest.fixture(scope="module", name="ray")
def ray_of_two() -> Iterator[Any]:
    ray = pytest.importorskip("ray")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=80_000_000)
    yield ray
    ray.shutdown()


def test_ray(ray: Any, expected: list[Any], embedder: linnet.Embedder, tiny: Path) -> None:
    from linnet.engines import ray as with_ray
    from ray import data

    dataset = data.from_items([{"id": number, "text": text} for number, text in enumerate(TEXTS)])
    found = with_ray.embed(with_ray.classify(dataset.repartition(4), "text"), "text", tiny)
    rows = sorted(found.take_all(), key=lambda row: row["id"])
    assert [row["prediction"] for row in rows] == expected
    check_vectors([row["embedding"] for row in rows], embedder)


def test_joblib_and_ray_take_models_as_they_are(ray: Any, model: linnet.Classifier) -> None:
    answer = ray.remote(lambda model, text: model(text).scores)
    assert ray.get(answer.remote(model, "Good news!")) == model("Good news!").scores
