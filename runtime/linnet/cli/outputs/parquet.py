"""Rows and answers → a Parquet file. Imports `pyarrow` only when it is called."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, BinaryIO

import numpy as np

from ...arrays import Floats
from ...errors import InputError
from ...names import free_names
from ...postprocessing.scores import Prediction
from ...postprocessing.words import TokenEmbeddings
from ..formats.parquet import Cells
from ..formats.rows import Row
from .answers import Answers
from .columns import Kept
from .forms import cell
from .vectors import Embedded

_GROUP_ROWS = 4096
_GROUP_NUMBERS = 1 << 22
"""A row group ends at 4,096 texts or at 16 MB of numbers, whichever comes first."""


class ParquetSink:
    """Writes a ``.parquet`` file with a row per text: the kept columns with their types, then the answers.

    The types of what JSON lines hold are those of the first row group.

    Args:
        stream: where to write.
        kept: gives the columns that are kept, once the first row or the end was read.
        answers: how the answers are written.
    """

    def __init__(self, stream: BinaryIO, kept: Callable[[], Kept], answers: Answers[Any]) -> None:
        self._stream, self._kept, self._answers = stream, kept, answers
        self._rows, self._found, self._numbers = list[Row](), list[Any](), 0
        self._columns: Kept | None = None
        self._writer: Any = None

    def write(self, row: Row, answer: Any) -> None:
        """Adds a row to the next row group, which is written when it is full."""
        self._rows.append(row)
        self._found.append(answer)
        self._numbers += _numbers(answer)
        if len(self._rows) >= _GROUP_ROWS or self._numbers >= _GROUP_NUMBERS:
            self._write_group()

    def flush(self) -> None:
        """Leaves the rows in memory: a row group is written whole."""

    def end(self) -> None:
        """Writes the last row group, and what a Parquet file ends with."""
        if self._rows or self._writer is None:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        import pyarrow
        from pyarrow import parquet

        self._columns = self._columns or self._kept()
        schema = self._writer and self._writer.schema
        kept = _kept_arrays(self._rows, self._columns, schema)
        names = [*self._columns.names, *free_names(self._answers.names, self._columns.names)]
        batch = pyarrow.record_batch([*kept, *self._answers.arrays(self._found)], names=names)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self._stream, batch.schema)
        self._writer.write_batch(batch)
        self._rows, self._found, self._numbers = [], [], 0


def _numbers(answer: Any) -> int:
    found = answer.found if isinstance(answer, Embedded) else answer
    vectors = found.vectors if isinstance(found, TokenEmbeddings) else found
    return int(getattr(vectors, "size", 1))


def _kept_arrays(rows: list[Row], kept: Kept, schema: Any) -> list[Any]:
    """Returns the kept columns of some rows; with a ``schema``, of its types."""
    import pyarrow

    if rows and isinstance(rows[0].values, Cells):
        return _taken(rows, kept.places or [])
    values = kept.values()
    columns = list(zip(*map(values, rows), strict=True)) if rows else [()] * len(kept.names)
    if kept.places is not None:
        return [pyarrow.array(column, pyarrow.string()) for column in columns]
    return [
        _array(name, column, schema.field(at).type if schema else None)
        for at, (name, column) in enumerate(zip(kept.names, columns, strict=True))
    ]


def _taken(rows: list[Row], places: list[int]) -> list[Any]:
    """Returns columns of rows that came from Parquet, unchanged."""
    import pyarrow

    pieces = [
        (group[0].values.batch, [row.values.row for row in group])
        for group in (list(found) for _, found in groupby(rows, lambda row: id(row.values.batch)))
    ]
    return [
        pyarrow.concat_arrays([batch.column(place).take(pyarrow.array(at)) for batch, at in pieces]) for place in places
    ]


def _array(name: str, values: Sequence[Any], kind: Any) -> Any:
    """Returns what JSON lines hold under a key: in its own type, or as JSON where it is nested or has several types."""
    import pyarrow

    nested = any(isinstance(value, (dict, list)) for value in values)
    try:
        found = None if nested else pyarrow.array(values, kind)
    except (pyarrow.ArrowException, OverflowError):
        found = None
    if found is not None and not pyarrow.types.is_null(found.type):
        return found
    if kind is None or pyarrow.types.is_string(kind):
        return pyarrow.array([None if value is None else cell(value) for value in values], pyarrow.string())
    raise InputError(
        f"expected {kind} under the key {name!r}, as in the first {_GROUP_ROWS:,} objects, found other values; "
        "write a .jsonl file, or leave the key out with --columns"
    )


def prediction_arrays(found: list[Prediction], labels: tuple[str, ...], *, truncated: bool) -> list[Any]:
    """Returns the columns of predictions: label, score, the score of each label, and whether texts were truncated."""
    import pyarrow

    scores = np.array([list(one.scores.values()) for one in found], dtype=np.float64).reshape(-1, len(labels))
    return [
        pyarrow.array([one.label for one in found], pyarrow.string()),
        pyarrow.array([one.score for one in found], pyarrow.float64()),
        *map(pyarrow.array, np.ascontiguousarray(scores.T)),
        *(states(found) if truncated else []),
    ]


def states(found: Sequence[Prediction | Embedded]) -> list[Any]:
    """Returns the column that says whether texts were truncated."""
    import pyarrow

    return [pyarrow.array([one.truncated for one in found], pyarrow.bool_())]


def vector_arrays(found: list[Any], dimension: int, *, several: bool) -> list[Any]:
    """Returns the column of vectors, or with ``several`` the columns of tokens, offsets and vectors."""
    import pyarrow

    vector, span = pyarrow.list_(pyarrow.float32(), dimension), pyarrow.list_(pyarrow.int64(), 2)
    if not several:
        rows: Floats = np.array(found, dtype=np.float32)
        return [_fixed(rows, vector)]
    bounds = pyarrow.array(np.cumsum([0, *map(len, found)]), pyarrow.int32())
    spans = [np.array(one.offsets, dtype=np.int64).reshape(-1, 2) for one in found]
    vectors = [one.vectors for one in found]
    return [
        pyarrow.array([one.tokens for one in found], pyarrow.list_(pyarrow.string())),
        _nested(bounds, np.concatenate([np.empty((0, 2), np.int64), *spans]), span),
        _nested(bounds, np.concatenate([np.empty((0, dimension), np.float32), *vectors]), vector),
    ]


def explanation_arrays(found: list[list[Any]]) -> list[Any]:
    """Returns the columns of explanations: label, scores, logits, method, whether the text was truncated, and words."""
    import pyarrow

    text, number, place = pyarrow.string(), pyarrow.float64(), pyarrow.int64()
    figures = dict.fromkeys(("contribution", "score_contribution", "error"), number)
    word = pyarrow.struct({"word": text, "start": place, "end": place, **figures})
    kinds = [text, *[number] * 4, text, pyarrow.bool_(), pyarrow.list_(word)]
    return [pyarrow.array([row[at] for row in found], kind) for at, kind in enumerate(kinds)]


def _nested(bounds: Any, rows: Any, kind: Any) -> Any:
    import pyarrow

    return pyarrow.ListArray.from_arrays(bounds, _fixed(rows, kind), type=pyarrow.list_(kind))


def _fixed(rows: Any, kind: Any) -> Any:
    """Returns the rows of an array (n, size) as a column of lists of ``size`` numbers."""
    import pyarrow

    return pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(rows.ravel(), kind.value_type), type=kind)
