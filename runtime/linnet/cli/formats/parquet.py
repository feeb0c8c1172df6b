"""Writes embeddings to a Parquet file. The only module that imports `pyarrow`, and only when called."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...arrays import Floats
from ...errors import InputError
from ...postprocessing.words import TokenEmbeddings
from ...system.files import bytes_written_whole
from .vectors import Embedding, Write

_GROUP_ROWS = 4096
_GROUP_NUMBERS = 1 << 22
"""A row group ends at 4,096 texts or at 16 MB of numbers, whichever comes first."""


def require_pyarrow() -> None:
    """Checks that `pyarrow`, which Parquet files need, is installed.

    Raises:
        InputError: it is not; the message says how to install it.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise InputError(
            "a .parquet file needs pyarrow, which is not installed: pip install 'pyarrow>=14', "
            "or name a .npy or .jsonl file"
        ) from None


@contextmanager
def parquet_file(path: Path, dimension: int, *, several: bool) -> Iterator[Write]:
    """Opens a ``.parquet`` file with one row per text; the file appears whole or not at all.

    Its columns are ``text`` and ``embedding``, a list of ``dimension`` float32. With ``several`` they
    are ``text``, ``tokens``, ``offsets`` and ``embeddings``, a list of such lists.

    Raises:
        InputError: the file cannot be written there.
    """
    from pyarrow import parquet

    schema = _schema(dimension, several)
    group = _Group()
    with bytes_written_whole(path) as stream, parquet.ParquetWriter(stream, schema) as writer:

        def write(text: str, found: Embedding) -> None:
            group.add(text, found)
            if group.full:
                writer.write_batch(group.taken(schema))

        yield write
        if group.texts:
            writer.write_batch(group.taken(schema))


@dataclass
class _Group:
    """The rows of the next row group."""

    texts: list[str] = field(default_factory=list)
    found: list[Any] = field(default_factory=list)
    numbers: int = 0

    def add(self, text: str, found: Embedding) -> None:
        self.texts.append(text)
        self.found.append(found)
        self.numbers += (found.vectors if isinstance(found, TokenEmbeddings) else found).size

    @property
    def full(self) -> bool:
        return len(self.texts) >= _GROUP_ROWS or self.numbers >= _GROUP_NUMBERS

    def taken(self, schema: Any) -> Any:
        """Returns the rows as a record batch, and empties the group."""
        import pyarrow

        columns = _several(self.found, schema) if "tokens" in schema.names else [_flat(self.found, schema, "embedding")]
        batch = pyarrow.record_batch([pyarrow.array(self.texts, pyarrow.string()), *columns], schema=schema)
        self.texts, self.found, self.numbers = [], [], 0
        return batch


def _schema(dimension: int, several: bool) -> Any:
    import pyarrow

    vector = pyarrow.list_(pyarrow.float32(), dimension)
    columns: list[tuple[str, Any]] = [("text", pyarrow.string())]
    if several:
        span = pyarrow.list_(pyarrow.int64(), 2)
        columns += [
            ("tokens", pyarrow.list_(pyarrow.string())),
            ("offsets", pyarrow.list_(span)),
            ("embeddings", pyarrow.list_(vector)),
        ]
    else:
        columns.append(("embedding", vector))
    return pyarrow.schema(columns)


def _several(found: list[TokenEmbeddings], schema: Any) -> list[Any]:
    """Returns the columns after ``text``, for texts that each have several vectors."""
    import pyarrow

    bounds = pyarrow.array(np.cumsum([0, *map(len, found)]), pyarrow.int32())
    spans = [np.array(one.offsets, dtype=np.int64).reshape(-1, 2) for one in found]
    return [
        pyarrow.array([one.tokens for one in found], schema.field("tokens").type),
        _nested(bounds, spans, schema.field("offsets").type),
        _nested(bounds, [one.vectors for one in found], schema.field("embeddings").type),
    ]


def _nested(bounds: Any, rows: list[Any], kind: Any) -> Any:
    import pyarrow

    return pyarrow.ListArray.from_arrays(bounds, _fixed(np.concatenate(rows), kind.value_type), type=kind)


def _flat(found: list[Floats], schema: Any, name: str) -> Any:
    return _fixed(np.stack(found), schema.field(name).type)


def _fixed(rows: Any, kind: Any) -> Any:
    """Returns the rows of an array (n, size) as a column of lists of ``size`` numbers."""
    import pyarrow

    return pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(rows.ravel(), kind.value_type), type=kind)
