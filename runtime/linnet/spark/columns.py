"""Functions over arrays of Arrow → functions over columns of Spark."""

from collections.abc import Callable
from typing import Any

import pyarrow
from pyspark.sql import Column, functions
from pyspark.sql.pandas.types import from_arrow_type

from ..engines.worker import Place, Worker

Columns = Callable[..., Column]
"""Columns come in, or their names; a column goes out."""


def answers(bundle: Place = None, **options: Any) -> Columns:
    """Returns a function that gives, for a column of texts, a column of structs with a model's answers.

    ``frame.withColumn("mood", answers()("text"))`` adds the predictions of the embedded default.

    Args:
        bundle: a folder that the driver and all executors have, what `ship` returned, or None for the embedded
            default, which must be installed on the executors.
        options: those of `linnet.engines.Worker`, such as ``threads`` and ``per``.
    """
    return of_worker(Worker(bundle, **options))


def of_worker(worker: Worker) -> Columns:
    """Returns the function of a worker; null gives null."""
    found = over_columns(worker, worker.arrow_type)

    def answered(texts: Column | str) -> Column:
        column = functions.col(texts) if isinstance(texts, str) else texts
        return functions.when(column.isNotNull(), found(column))

    return answered


def over_columns(function: Callable[..., Any], kind: Any) -> Columns:
    """Returns a function over columns for one over arrays of Arrow, which gives arrays of the type ``kind``."""
    returned = from_arrow_type(kind)
    if hasattr(functions, "arrow_udf"):  # Spark 4.1

        def on_arrays(*arrays: pyarrow.Array) -> pyarrow.Array:
            return function(*arrays)

        # Spark runs a function that it thinks pure again for each filter on its answers.
        found: Columns = functions.arrow_udf(on_arrays, returned).asNondeterministic()
        return found
    return _of_pandas(function, kind)


def _of_pandas(function: Callable[..., Any], kind: Any) -> Columns:
    """Returns the function as a pandas UDF, for Spark before 4.1."""
    import pandas

    def on_series(*series: pandas.Series) -> pandas.Series:
        return function(*map(pyarrow.Array.from_pandas, series)).to_pandas(maps_as_pydicts="strict")

    def on_series_to_frame(*series: pandas.Series) -> pandas.DataFrame:
        found = function(*map(pyarrow.Array.from_pandas, series))
        return pandas.DataFrame({field.name: found.field(index).to_pandas() for index, field in enumerate(kind)})

    chosen = on_series_to_frame if pyarrow.types.is_struct(kind) else on_series
    made: Columns = functions.pandas_udf(chosen, from_arrow_type(kind)).asNondeterministic()
    return made
