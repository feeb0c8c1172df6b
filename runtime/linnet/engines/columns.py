"""Rows → columns of structs: arrays of pyarrow and of numpy."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..extras import needed
from .answers import VECTOR, Row


def arrow_type(kind: Any) -> Any:
    """Returns pyarrow's type for a kind of field.

    Raises:
        MissingPackageError: pyarrow is not installed.
    """
    with needed("arrow"):
        import pyarrow
    if isinstance(kind, dict):
        return pyarrow.struct([(name, arrow_type(part)) for name, part in kind.items()])
    if isinstance(kind, list):
        return pyarrow.list_(arrow_type(kind[0]))
    simple = {str: pyarrow.string(), float: pyarrow.float64(), bool: pyarrow.bool_(), int: pyarrow.int32()}
    return pyarrow.list_(pyarrow.float32()) if kind == VECTOR else simple[kind]


def arrow_column(rows: Iterable[Row | None], kinds: dict[str, Any]) -> Any:
    """Returns an array of pyarrow with a struct for each row; null where there is none."""
    found = arrow_type(kinds)
    import pyarrow

    return pyarrow.array(list(rows), type=found)


def numpy_column(rows: Iterable[Row | None], kinds: dict[str, Any], dimension: int) -> np.ndarray[Any, Any]:
    """Returns a structured array of numpy with a record for each row; a missing value is None, NaN or False."""
    found = [_record(row or {}, kinds, dimension) for row in rows]
    column = np.empty(len(found), dtype=_dtype(kinds, dimension))
    column[:] = found
    return column


def _dtype(kinds: dict[str, Any], dimension: int) -> np.dtype[Any]:
    simple: dict[Any, Any] = {float: np.float64, bool: np.bool_, VECTOR: (np.float32, (dimension,))}
    return np.dtype(
        [
            (
                name,
                _dtype(kind, dimension)
                if isinstance(kind, dict)
                else object
                if kind is str or isinstance(kind, list)
                else simple[kind],
            )
            for name, kind in kinds.items()
        ]
    )


def _record(row: Row, kinds: dict[str, Any], dimension: int) -> tuple[Any, ...]:
    blank: dict[Any, Any] = {float: np.nan, bool: False, VECTOR: np.full(dimension, np.nan, dtype=np.float32)}
    return tuple(
        _record(row.get(name) or {}, kind, dimension)
        if isinstance(kind, dict)
        else row.get(name, None if isinstance(kind, list) else blank.get(kind))
        for name, kind in kinds.items()
    )
