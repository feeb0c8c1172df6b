"""DuckDB: a model becomes an SQL function."""

from typing import Any

from ..extras import needed
from .worker import Place, Worker

with needed("duckdb"):
    import pyarrow
    from duckdb import DuckDBPyConnection


def register(connection: DuckDBPyConnection, name: str, bundle: Place = None, **options: Any) -> None:
    """Makes a model an SQL function: text comes in, a struct with the answer goes out; NULL gives NULL.

    Args:
        connection: an open connection, which keeps the function until it is closed.
        name: the function's name in SQL.
        bundle: the folder of a bundle, or None for the embedded default.
        options: those of `Worker`, such as ``threads`` and ``per``.
    """
    worker = Worker(bundle, **options)
    none_yet = pyarrow.table({"answer": pyarrow.array([], worker.arrow_type)})
    [answer] = connection.from_arrow(none_yet).types
    connection.create_function(name, worker, ["VARCHAR"], answer, type="arrow", null_handling="special")
