#!/usr/bin/env python3
"""Measures what data engines cost beside the model: Spark's executors, the memory of workers, DuckDB and Polars.

    .venv-engines/bin/python scripts/engines.py [--bundle BUNDLE] [--rows N] [PART …]
    .venv-engines/bin/python scripts/engines.py vectors --bundle EMBEDDINGS [--texts FILE] [--rows N]

Parts: ``tables`` is the processor's time of DuckDB and Polars divided by that of ``model.stream`` on the same column, all
with one thread, in turn. ``memory`` is what the last of several processes adds to the memory of all of them, shared
pages counted once; run ``linnet prepare`` on the bundle before, as for a small box. ``spark`` is the rows a second of one
and of two executors with a core each, for which a quiet machine needs three. It compares ``arrow_udf``, which
`linnet.spark` uses, with ``mapInArrow``, which gives the same rows, and with ``predict_batch_udf``, which gives only
label and score. ``vectors`` runs only if it is named: the sentences and words a second of ``LinnetEmbeddings`` on one
executor with one core, which writes a vector for each word to Parquet files, as the benchmarks of Spark NLP do. Figures
are medians over the rounds.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from needed import packages

ROUNDS, WORKERS = 5, 8
STARTS = 3
"""How often Spark starts for the vectors."""

WORKER = """
import sys
from linnet.engines import Worker
worker = Worker(sys.argv[1] or None)
worker([f"so bad, number {number}" for number in range(64)])
print("ready", flush=True)
sys.stdin.read()
"""

SPARK = """
import sys, time
import pyarrow
from pyspark.ml.functions import predict_batch_udf
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_type
from pyspark.sql.types import StructType
import linnet.spark
from linnet.engines import Worker
bundle, rows, executors = sys.argv[1] or None, int(sys.argv[2]), int(sys.argv[3])
master = f"local-cluster[{executors},1,1024]"
settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.log.level": "OFF"}
spark = SparkSession.builder.master(master).config(map=settings).getOrCreate()
texts = [(f"so bad, number {number}",) for number in range(rows)]
frame = spark.createDataFrame(texts, "text string").repartition(4 * executors).cache()
worker = Worker(bundle)
answer = from_arrow_type(worker.arrow_type)

def mapped(batches):
    for batch in batches:
        arrays = [*batch.columns, worker(batch.column("text"))]
        yield pyarrow.RecordBatch.from_arrays(arrays, [*batch.schema.names, "prediction"])

def predictor():
    def predict(texts):
        found = worker(texts)
        return {"label": found["label"], "score": found["score"]}
    return predict

some = StructType().add("label", "string").add("score", "double")
predicted = predict_batch_udf(predictor, return_type=some, batch_size=1024)
ways = {
    "arrow_udf": linnet.spark.classify(frame, "text", bundle),
    "mapInArrow": frame.mapInArrow(mapped, StructType([*frame.schema]).add("prediction", answer)),
    "predict_batch_udf": frame.withColumn("prediction", predicted("text")),
}
for answered in ways.values():  # each executor loads the model
    answered.write.format("noop").mode("overwrite").save()
for way, answered in ways.items():
    began = time.perf_counter()
    answered.write.format("noop").mode("overwrite").save()
    print("rows a second:", way, rows / (time.perf_counter() - began))
"""

VECTORS = """
import sys, time
from pyspark.sql import SparkSession
from linnet.spark import LinnetEmbeddings
bundle, sentences, output = sys.argv[1:]
settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.log.level": "OFF"}
spark = SparkSession.builder.master("local-cluster[1,1,1024]").config(map=settings).getOrCreate()
frame = spark.read.text(sentences).withColumnRenamed("value", "document").repartition(4).cache()
embedded = LinnetEmbeddings(bundle=bundle).transform(frame)
frame.count()
embedded.limit(64).write.mode("overwrite").parquet(output)  # the executor loads the model
began = time.perf_counter()
embedded.write.mode("overwrite").parquet(output)
print("seconds:", time.perf_counter() - began)
"""


def tables(bundle: Path | None, rows: int) -> None:
    """Prints the processor's time of DuckDB and Polars, divided by that of the model's own stream."""
    import duckdb
    import linnet
    import linnet.engines.polars
    import polars

    model = linnet.load_classifier(bundle, threads=1)
    texts = polars.DataFrame({"text": [f"so bad, number {number}" for number in range(rows)]})
    connection = duckdb.connect(config={"threads": 1})
    linnet.engines.register(connection, "sentiment", bundle)
    connection.register("texts", texts.to_arrow())
    ways: dict[str, Callable[[], object]] = {
        "stream": lambda: list(model.stream(texts["text"].to_list())),
        "DuckDB": lambda: connection.sql("SELECT sentiment(text) FROM texts").to_arrow_table(),
        "Polars": lambda: texts.select(linnet.engines.polars.classify(polars.col("text"), bundle)),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.process_time()
            way()
            times[name].append(time.process_time() - began)
    for name in ("DuckDB", "Polars"):
        ratios = [one / stream for one, stream in zip(times[name], times["stream"], strict=True)]
        print(f"{name}: {statistics.median(ratios):.3f} of the time of stream ({rows:,} rows)", flush=True)


def memory(bundle: Path | None, rows: int) -> None:
    """Prints what the last worker adds to the memory of all workers, in MB."""
    children: list[subprocess.Popen[str]] = []
    try:
        totals = []
        for _ in range(WORKERS):
            command = [sys.executable, "-c", WORKER, str(bundle or "")]
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            children.append(child)
            if not child.stdout or child.stdout.readline() != "ready\n":
                sys.exit("a worker failed")
            totals.append(sum(_proportional(each.pid) for each in children))
        added = totals[-1] - totals[-2]
        print(f"worker {WORKERS} adds {added:.0f} MB; all of them have {totals[-1]:.0f} MB", flush=True)
    finally:
        for child in children:
            child.communicate()


def _proportional(process: int) -> float:
    """Returns the memory of a process in MB; a page that several processes have counts in parts."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    [kilobytes] = [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
    return kilobytes * 1024e-6


def spark(bundle: Path | None, rows: int) -> None:
    """Prints the rows a second of each way on one executor and on two."""
    found: dict[str, dict[int, list[float]]] = {}
    for _ in range(2):
        for executors in (1, 2):
            for line in _in_spark(SPARK, str(bundle or ""), str(rows), str(executors)):
                if line.startswith("rows a second:"):
                    way, rate = line.split()[-2:]
                    found.setdefault(way, {1: [], 2: []})[executors].append(float(rate))
    for way, rates in found.items():
        one, two = (statistics.median(rates[executors]) for executors in (1, 2))
        print(f"{way}: one executor {one:.0f} rows a second, two {two:.0f}, {two / one:.2f} times as many", flush=True)


def _in_spark(program: str, *arguments: str) -> list[str]:
    """Runs a program of Spark in a process of its own; returns the lines that it prints."""
    env = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run([sys.executable, "-c", program, *arguments], env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.splitlines()


def vectors(bundle: Path, texts: list[str]) -> None:
    """Prints the sentences and words a second of one executor with one core, which embeds each word."""
    words = sum(len(text.split()) for text in texts)
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        sentences = Path(folder, "sentences.txt")
        sentences.write_text("\n".join(texts) + "\n", encoding="utf-8")
        for _ in range(STARTS):
            lines = _in_spark(VECTORS, str(bundle.resolve()), str(sentences), str(Path(folder, "vectors")))
            seconds += [float(line.split()[1]) for line in lines if line.startswith("seconds:")]
    took = statistics.median(seconds)
    print(f"{len(texts):,} sentences, {words:,} words: {took:.1f} s", flush=True)
    print(f"one executor, one core: {len(texts) / took:.1f} sentences a second, {words / took:.0f} words", flush=True)


def made_up(rows: int) -> list[str]:
    """Returns sentences of 2 to 30 words, 16 on average, as the sentences of CoNLL 2003 have."""
    words = ["talks", "between", "the", "government", "and", "two", "banks", "ended", "on", "Friday"]
    chosen = random.Random(7)
    return [" ".join(chosen.choices(words, k=chosen.randint(2, 30))) for _ in range(rows)]


PARTS = {"tables": tables, "memory": memory, "spark": spark}


def main(argv: Sequence[str] | None = None) -> None:
    """Measures the parts, each in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*PARTS, "vectors"]
    parser.add_argument("parts", nargs="*", choices=[[], *names], metavar="PART", help=", ".join(names))
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="BUNDLE",
        help="a classifier (default: the embedded default); for vectors, an embedder",
    )
    parser.add_argument("--rows", type=int, default=20_000, metavar="N", help="the number of texts (default: 20,000)")
    parser.add_argument(
        "--texts", type=Path, metavar="FILE", help="vectors: a text a line (default: made-up sentences)"
    )
    args = parser.parse_args(argv)
    if "vectors" in args.parts and not args.bundle:
        parser.error("vectors needs --bundle, a bundle for embeddings")
    with packages():
        import linnet.engines  # noqa: F401
    for part in args.parts or PARTS:
        if part == "vectors":
            texts = args.texts.read_text(encoding="utf-8").split("\n") if args.texts else made_up(args.rows)
            vectors(args.bundle, [text for text in texts if text.strip()][: args.rows])
        else:
            PARTS[part](args.bundle, args.rows)


if __name__ == "__main__":
    main()
