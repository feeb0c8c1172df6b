"""Spark, with two real executors: the bits of one process, whatever happens to the executors."""

import importlib
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest

pytest.importorskip("pyspark")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Spark needs Java", allow_module_level=True)

from linnet import spark as with_spark
from pyspark import TaskContext
from pyspark.ml import Pipeline, PipelineModel
from pyspark.sql import DataFrame, SparkSession

TEXTS = ["Good news!", None, "", "so bad 😡", "two hours on hold", "unbelievable delays"]
PATIENCE = 300  # seconds: executors start slowly on a busy machine


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.network.timeout": "600s",
    }
    session = SparkSession.builder.master("local-cluster[2,1,1024]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(list(enumerate(TEXTS * 4)), "id int, text string").repartition(4)


def by_id(frame: DataFrame) -> list[Any]:
    return sorted(frame.collect(), key=lambda row: row["id"])


def check_predictions(rows: list[Any], model: linnet.Classifier) -> None:
    for row in rows:
        if row["text"] is None:
            assert row["prediction"] is None
        else:
            expected = model(row["text"])
            found = row["prediction"].asDict(recursive=True)
            assert found == {
                "label": expected.label,
                "score": expected.score,
                "scores": expected.scores,
                "truncated": False,
                "error": None,
            }


def test_an_older_spark_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyspark.__version__", "3.4.4")
    with pytest.raises(linnet.MissingPackageError, match=r"found pyspark 3\.4\.4: pip install 'pyspark>=3\.5'"):
        importlib.reload(with_spark)


def test_predictions_are_a_struct(frame: DataFrame, model: linnet.Classifier) -> None:
    found = with_spark.classify(frame, "text")
    kind = found.schema["prediction"].dataType.simpleString()
    scores = ",".join(f"{label}:double" for label in model.labels)
    assert kind == f"struct<label:string,score:double,scores:struct<{scores}>,truncated:boolean,error:string>"
    rows = by_id(found)
    assert [row["id"] for row in rows] == list(range(len(TEXTS) * 4))
    check_predictions(rows, model)
    negative = found.filter("prediction.label = 'negative'").count()
    assert negative == sum(row["prediction"] is not None and row["prediction"]["label"] == "negative" for row in rows)


def test_a_killed_executor_loses_and_doubles_nothing(
    spark: SparkSession, model: linnet.Classifier, tmp_path: Path
) -> None:
    gate, texts = tmp_path / "open", [f"so bad, number {number}" for number in range(400)]

    def wait(batches: Iterator[Any]) -> Iterator[Any]:
        context = TaskContext.get()
        while context and context.partitionId() >= 2 and not gate.exists():
            time.sleep(0.1)
        yield from batches

    given = spark.createDataFrame(list(enumerate(texts)), "id int, text string").repartition(8)
    found = with_spark.classify(given.mapInArrow(wait, given.schema), "text")
    rows = list[Any]()
    job = threading.Thread(target=lambda: rows.extend(by_id(found)))
    job.start()
    tracker = spark.sparkContext.statusTracker()

    def stages() -> list[Any]:
        return [stage for one in tracker.getActiveStageIds() if (stage := tracker.getStageInfo(one))]

    until(
        lambda: any(stage.numTasks == 8 and stage.numCompletedTasks >= 2 and stage.numActiveTasks for stage in stages())
    )
    before = executors(spark)
    os.kill(min(before), signal.SIGKILL)
    assert len(before) == 2 and job.is_alive() and not rows
    gate.touch()
    job.join(PATIENCE)
    assert [row["id"] for row in rows] == list(range(len(texts)))
    check_predictions(rows, model)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def executors(spark: SparkSession) -> list[int]:
    """The processes of the application's executors."""
    found = list[int]()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        named = any(word.endswith(b"CoarseGrainedExecutorBackend") for word in words)
        if named and spark.sparkContext.applicationId.encode() in words:
            found.append(int(process.name))
    return found


def test_a_shipped_bundle_is_checked_with_the_key_on_the_executors(
    spark: SparkSession, frame: DataFrame, tiny: Path, tmp_path: Path
) -> None:
    signing = pytest.importorskip("signing")
    folder, key, other = Path(shutil.copytree(tiny, tmp_path / "signed")), signing.key_of(1), signing.key_of(2)
    (folder / "notes.txt").write_text("a file that is signed and not in the manifest", encoding="utf-8")
    signing.write_signature(folder, key)
    shipped = with_spark.ship(spark, folder)
    rows = by_id(with_spark.embed(frame, "text", shipped, key=signing.public_pem(key)))
    assert [row["text"] is None for row in rows] == [row["embedding"] is None for row in rows]
    with pytest.raises(linnet.BundleSignatureError):
        with_spark.embed(frame, "text", shipped, key=signing.public_pem(other))
    (tmp_path / "other.pub").write_bytes(signing.public_pem(other))
    stage = with_spark.LinnetEmbeddings(bundle=str(folder), key=str(tmp_path / "other.pub"), inputCols=["text"])
    with pytest.raises(linnet.BundleSignatureError):
        stage.transform(frame)


def test_a_shipped_bundle_needs_no_folder_on_the_executors(
    spark: SparkSession, frame: DataFrame, tiny: Path, embedder: linnet.Embedder, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny, tmp_path / "vectors of März"))
    shipped = with_spark.ship(spark, folder)
    assert repr(with_spark.ship(spark, folder)) == repr(shipped)
    assert sum(shipped.name in archive for archive in spark.sparkContext.listArchives) == 1
    found = with_spark.embed(frame, "text", shipped)
    words = with_spark.embed(frame, "text", shipped, per="word", pieces="first")
    shutil.rmtree(folder)
    rows = [row for row in by_id(found) if row["text"] is not None]
    vectors = np.array([row["embedding"]["vector"] for row in rows], dtype=np.float32)
    np.testing.assert_array_equal(vectors, embedder([row["text"] for row in rows]))
    [row] = words.filter("id = 5").collect()
    expected = embedder.words(row["text"], pieces="first")
    assert [part["token"] for part in row["embedding"]["tokens"]] == expected.tokens
    found_vectors = np.array([part["vector"] for part in row["embedding"]["tokens"]], dtype=np.float32)
    np.testing.assert_array_equal(found_vectors, expected.vectors)


def test_what_is_no_text_fails_the_job_only_if_asked(frame: DataFrame) -> None:
    rows = by_id(with_spark.classify(frame.limit(3), "id"))
    assert {row["prediction"]["error"].partition(";")[0] for row in rows} == {"expected a str, found int"}
    with pytest.raises(Exception, match="text 0: expected a str, found int"):
        with_spark.classify(frame.limit(3), "id", strict=True).collect()


def test_stages_of_a_pipeline(frame: DataFrame, tiny: Path, model: linnet.Classifier, tmp_path: Path) -> None:
    stages = [
        with_spark.LinnetEmbeddings(bundle=str(tiny), per="text", ship=True)
        .setInputCols("text")
        .setOutputCol("vector"),
        with_spark.LinnetClassifier(inputCols=["text"]),
    ]
    Pipeline(stages=stages).fit(frame).write().overwrite().save(str(tmp_path / "pipeline"))
    found = PipelineModel.load(str(tmp_path / "pipeline")).transform(frame.filter("id in (1, 3)"))
    null, bad = by_id(found)
    assert null["vector"] is None and null["class"] is None
    [annotation] = bad["class"]
    expected = model(bad["text"])
    assert (annotation["annotatorType"], annotation["result"]) == ("category", expected.label)
    assert annotation["metadata"] == {
        "sentence": "0",
        **{label: str(score) for label, score in expected.scores.items()},
    }
    assert (annotation["begin"], annotation["end"]) == (0, 8)  # the emoji is two UTF-16 code units
    assert found.schema["vector"].metadata == {"annotatorType": "sentence_embeddings"}


ANNOTATION = "array<struct<annotatorType:string,begin:int,end:int,result:string,metadata:map<string,string>,embeddings:array<float>>>"


def annotation(kind: str, begin: int, end: int, result: str) -> tuple[Any, ...]:
    return (kind, begin, end, result, {"sentence": "0"}, [])


@pytest.mark.parametrize("pieces", ["first", "mean"])
def test_tokens_of_spark_nlp(spark: SparkSession, tiny: Path, embedder: linnet.Embedder, pieces: str) -> None:
    """Two sentences of one text: places count UTF-16 code units of the whole text."""
    first, second = "😡😡 unbelievable!", "Good news"
    documents = [annotation("document", 0, 17, first), annotation("document", 19, 27, second)]
    tokens = [(5, 16, "unbelievable"), (17, 17, "!"), (19, 22, "Good"), (24, 27, "news")]
    row = (documents, [annotation("token", *token) for token in tokens])
    given = spark.createDataFrame([row, (None, None)], f"document {ANNOTATION}, token {ANNOTATION}")
    stage = with_spark.LinnetEmbeddings(bundle=str(tiny), pieces=pieces).setInputCols(["document", "token"])
    found = stage.transform(given)
    assert found.schema["embeddings"].dataType.simpleString() == ANNOTATION
    assert found.schema["embeddings"].metadata == {"annotatorType": "word_embeddings"}
    answered, null = (row["embeddings"] for row in found.collect())
    assert null is None
    assert [(one["begin"], one["end"], one["result"]) for one in answered] == tokens
    assert [one["metadata"]["sentence"] for one in answered] == ["0", "0", "1", "1"]
    for one, (text, start, end) in zip(
        answered, [(first, 3, 15), (first, 15, 16), (second, 0, 4), (second, 5, 9)], strict=True
    ):
        whole = embedder.tokens(text)
        own = [
            index
            for index, span in enumerate(whole.offsets)
            if span[0] < end and span[1] > start and whole.tokens[index] != "▁"
        ]
        expected = whole.vectors[own[0]] if pieces == "first" else whole.vectors[own].mean(axis=0)
        np.testing.assert_array_equal(np.array(one["embeddings"], dtype=np.float32), expected)
