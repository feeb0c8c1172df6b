"""What a command adds to a row: the names and values of its answers, for objects, tables and Parquet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Answers(Generic[T]):
    """How the answers of a command are written.

    Attributes:
        keys: the keys that are added to a JSON object.
        members: gives the values under these keys.
        names: the columns that are added to a table.
        cells: gives the values in these columns.
        arrays: gives the columns of several answers as arrays of `pyarrow`.
    """

    keys: tuple[str, ...]
    members: Callable[[T], list[Any]]
    names: tuple[str, ...]
    cells: Callable[[T], list[Any]]
    arrays: Callable[[list[T]], list[Any]]
