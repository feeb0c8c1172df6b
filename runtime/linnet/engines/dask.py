"""Dask: a data frame with a column of texts → the same frame with a column of answers."""

from typing import Any

from ..extras import needed
from .worker import Place, Worker, classifying, embedding

with needed("dask"):
    import pandas
    import pyarrow
    from dask.dataframe import DataFrame


def classify(
    frame: DataFrame, column: str, bundle: Place = None, *, output: str = "prediction", **options: Any
) -> DataFrame:
    """Returns the frame with a prediction for each text, a struct of Arrow; options are those of `Worker`.

    Every machine needs the bundle at the same path, or the embedded default.
    """
    return _answered(frame, column, classifying(bundle, **options), output)


def embed(frame: DataFrame, column: str, bundle: Place, *, output: str = "embedding", **options: Any) -> DataFrame:
    """Returns the frame with the vectors of each text, a struct of Arrow; the rest is as in `classify`."""
    return _answered(frame, column, embedding(bundle, **options), output)


def _answered(frame: DataFrame, column: str, worker: Worker, output: str) -> DataFrame:
    meta = pandas.Series([], dtype=pandas.ArrowDtype(worker.arrow_type), name=output)
    answers = frame[column].map_partitions(_answers, worker, output, meta=meta)
    return frame.assign(**{output: answers})


def _answers(texts: pandas.Series, worker: Worker, output: str) -> pandas.Series:
    kind = pandas.ArrowDtype(worker.arrow_type)
    found = worker(pyarrow.array(texts, from_pandas=True, type=pyarrow.string()))
    return pandas.Series(pandas.array(found, dtype=kind), index=texts.index, name=output)
