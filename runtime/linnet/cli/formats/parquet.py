"""Parquet files → rows, batch by batch. Imports `pyarrow` only when it is called."""

from collections.abc import Iterator, Sequence
from io import BufferedIOBase, BytesIO
from typing import Any, NamedTuple, overload

from ...errors import InputError
from ...extras import needed
from ...fields import enumerated
from .lines import Advance
from .rows import Header, Item, Malformed, Reading, Row, naming_remedy

_BATCH = 2048  # rows
_LONGEST_TYPE = 200  # characters of a type's name in a message
_STRINGS = {"string", "large_string", "string_view"}


def require_pyarrow() -> None:
    """Checks that `pyarrow`, which Parquet files need, is installed.

    Raises:
        MissingPackageError: it is not; the message says how to install it.
    """
    with needed("parquet"):
        import pyarrow.parquet  # noqa: F401


class Cells(Sequence[Any]):
    """The values of one row, which stay in their batch, with their types, until they are asked for."""

    def __init__(self, batch: Any, row: int) -> None:
        self.batch, self.row = batch, row

    def __len__(self) -> int:
        return int(self.batch.num_columns)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        try:
            return self.batch.column(at)[self.row].as_py()
        except UnicodeDecodeError as error:
            raise InputError(f"expected the strings of a Parquet file to be UTF-8: {error}; write it again") from None


class _Opened(NamedTuple):
    file: Any
    place: int  # of the column of the texts
    size: int  # bytes of the stream


def parquet_rows(stream: BufferedIOBase, reading: Reading, name: str, advance: Advance | None) -> Iterator[Item]:
    """Yields the header and the rows of a Parquet file; a row's line is its number, from 1.

    A pipe is read into memory first, because the file's end says where its rows are.

    Raises:
        InputError: the stream is no Parquet file, is damaged, or has no such column of strings.
        MissingPackageError: `pyarrow` is not installed.
    """
    require_pyarrow()
    opened = _opened(stream, reading, name)
    yield Header(list(opened.file.schema_arrow.names))
    number, total = 0, max(1, opened.file.metadata.num_rows)
    for batch in _batches(opened.file, name):
        if advance:
            advance(opened.size * batch.num_rows // total)
        column = batch.column(opened.place)
        for index in range(batch.num_rows):
            number += 1
            try:
                text = column[index].as_py()
            except UnicodeDecodeError as error:
                yield Malformed(number, f"expected {reading.column!r} to be UTF-8: {error}; fix the row", "")
                continue
            if text is None:
                yield Malformed(number, f"expected {reading.column!r} to be a string, found null; fix the row", "")
            else:
                yield Row(number, text, Cells(batch, index))


def _batches(file: Any, name: str) -> Iterator[Any]:
    import pyarrow

    try:
        yield from file.iter_batches(_BATCH)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{name}: expected a Parquet file that is whole: {error}; write or copy it again") from None


def _opened(stream: BufferedIOBase, reading: Reading, name: str) -> _Opened:
    import pyarrow
    from pyarrow import parquet

    held = stream if stream.seekable() else BytesIO(stream.read())
    size = held.seek(0, 2)
    try:
        file = parquet.ParquetFile(held)
        schema, names = file.schema_arrow, file.schema_arrow.names
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: expected a Parquet file: {error}; or give --format for what it is") from None
    column = reading.column
    places = [place for place, found in enumerate(names) if found == column]
    if len(places) != 1:
        found = enumerated(names) or "none"
        others = () if places else names
        remedy = naming_remedy(column, others, "--column", "name one with --column")
        raise InputError(f"{name}: expected one column {column!r}, found {found}; {remedy}")
    kind = schema.field(places[0]).type
    if pyarrow.types.is_dictionary(kind):
        kind = kind.value_type
    if str(kind) not in _STRINGS:
        found = str(kind)[:_LONGEST_TYPE]
        raise InputError(
            f"{name}: expected {column!r} to be a column of strings, found {found}; name one with --column"
        )
    return _Opened(file, places[0], size)
