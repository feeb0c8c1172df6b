"""Columns of texts in data engines come in; columns of structs with a model's answers go out.

`Worker` answers arrays in any process. Each engine has a module, which imports the engine: ``duckdb``, ``polars``,
``ray``, ``dask``. Spark has a room of its own, ``spark``.
"""

from typing import Any

from .worker import Worker

__all__ = ["Worker", "register"]


def register(connection: Any, name: str, bundle: Any = None, **options: Any) -> None:
    """Makes a model an SQL function of a DuckDB connection; see `linnet.engines.duckdb.register`."""
    from . import duckdb

    duckdb.register(connection, name, bundle, **options)
