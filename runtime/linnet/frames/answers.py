"""Tables of pandas, polars and pyarrow → the same kind of table, with a model's answers as further columns.

Needs `narwhals`, the extra ``frames``, which is imported when a function is called.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..api import Classifier, Embedder, Windowing, load
from ..errors import InputError, TextTypeError
from ..extras import needed
from ..names import free_names

_Table = TypeVar("_Table")

Model = Classifier | Embedder | str | Path | None
"""A loaded model, the folder of a bundle, or None for the embedded default."""


def classify(
    table: _Table,
    column: str,
    model: Model = None,
    *,
    preprocess: bool = True,
    long: str | Windowing = "truncate",
    min_score: float | Mapping[str, float | None] | None = None,
) -> _Table:
    """Returns the table with the columns ``label``, ``score`` and ``score_…`` for each label added.

    Where the text is missing, the answers are missing too. A name that the table has already gets a number:
    ``label_2``. Rows, their order, the index and all other columns stay as they are.

    Args:
        table: a DataFrame of pandas, polars or anything else that `narwhals` reads eagerly, or a table of pyarrow.
        column: the column with the texts.
        model: a `Classifier`, the folder of a bundle, or None for the embedded default.
        preprocess: False if the texts are already preprocessed as the checkpoint expects.
        long: how texts are read that are longer than the model reads, as `Classifier` takes it.
        min_score: the least score of an answer, as `Classifier` takes it; below it, the label is missing.

    Raises:
        InputError: this is no table, it lacks the column, or the model embeds.
        MissingPackageError: `narwhals` is not installed.
        TextTypeError: a value is no text and not missing; the message names its row.
    """
    frame, texts = _opened(table, column)
    loaded = _loaded(model, Classifier, "linnet.frames.embed")
    given = (text for text in texts if text is not None)
    answers = loaded.stream(given, preprocess=preprocess, long=long, min_score=min_score)
    found = [None if text is None else next(answers) for text in texts]
    labels, scores = [one and one.label for one in found], [one and one.score for one in found]
    columns: list[tuple[str, list[Any], str]] = [("label", labels, "String"), ("score", scores, "Float64")]
    for label in loaded.labels:
        columns.append((f"score_{label}", [one and one.scores[label] for one in found], "Float64"))
    return _with_columns(table, frame, columns)


def embed(
    table: _Table, column: str, model: Model, *, preprocess: bool = True, long: str | Windowing = "truncate"
) -> _Table:
    """Returns the table with the column ``embedding`` added: a list of float32 per text.

    Where the text is missing, the vector is missing too. In a DataFrame of pandas the column has arrays of numpy.

    Args:
        table: as `classify` takes it.
        column: the column with the texts.
        model: an `Embedder`, or the folder of its bundle.
        preprocess: False if the texts are already preprocessed as the checkpoint expects.
        long: how texts are read that are longer than the model reads, as `Embedder` takes it.

    Raises:
        InputError: this is no table, it lacks the column, or the model classifies.
        MissingPackageError: `narwhals` is not installed.
        TextTypeError: a value is no text and not missing; the message names its row.
    """
    frame, texts = _opened(table, column)
    loaded = _loaded(model, Embedder, "linnet.frames.classify")
    given = (text for text in texts if text is not None)
    vectors: Iterator[Any] = loaded.stream(given, preprocess=preprocess, long=long)
    found = [None if text is None else next(vectors) for text in texts]
    if not frame.implementation.is_pandas_like():
        found = [one if one is None else one.tolist() for one in found]
    return _with_columns(table, frame, [("embedding", found, "List")])


_M = TypeVar("_M", Classifier, Embedder)


def _loaded(model: Model, kind: type[_M], other: str) -> _M:
    loaded = load(model) if isinstance(model, (str, Path)) else load() if model is None else model
    if not isinstance(loaded, kind):
        raise InputError(f"expected a {kind.__name__}, found {type(loaded).__name__}: give a bundle for it, or {other}")
    return loaded


def _opened(table: Any, column: str) -> tuple[Any, list[str | None]]:
    """Returns the table as `narwhals` sees it, and the texts of a column; None for a missing one."""
    with needed("frames"):
        import narwhals
    try:
        frame = narwhals.from_native(table, eager_only=True)
        names = frame.columns
    except narwhals.exceptions.DuplicateError as error:
        raise InputError(f"expected each column name once: {error}; rename the others") from None
    except TypeError:
        remedy = "; collect it first: table.collect()" if hasattr(table, "collect") else ""
        if type(table).__name__ == "RecordBatch":
            remedy = "; make it a table: pyarrow.Table.from_batches([batch])"
        raise InputError(
            f"expected a DataFrame of pandas or polars, or a table of pyarrow, found {type(table).__name__}{remedy}"
        ) from None
    if column not in names:
        found = ", ".join(map(repr, names))
        raise InputError(f"expected a column {column!r}, found {found or 'none'}; name one that has the texts")
    series = frame.get_column(column)
    texts = list[str | None]()
    for row, (text, missing) in enumerate(zip(series.to_list(), series.is_null().to_list(), strict=True)):
        if not missing and not isinstance(text, str):
            raise TextTypeError(
                f"column {column!r}, row {row}: expected a str, found {type(text).__name__}; convert the column first"
            )
        texts.append(None if missing else text)
    return frame, texts


def _with_columns(table: _Table, frame: Any, columns: list[tuple[str, list[Any], str]]) -> _Table:
    """Returns ``table``, which narwhals sees as ``frame``, with columns added: name, values and type of each."""
    import narwhals

    names = free_names((name for name, _, _ in columns), frame.columns)
    kinds = {"String": narwhals.String(), "Float64": narwhals.Float64(), "List": narwhals.List(narwhals.Float32())}
    backend = frame.implementation
    series = [
        narwhals.new_series(
            name,
            values,
            narwhals.Object() if kind == "List" and backend.is_pandas_like() else kinds[kind],
            backend=backend,
        )
        for name, (_, values, kind) in zip(names, columns, strict=True)
    ]
    added: _Table = frame.with_columns(*series).to_native()
    return added
