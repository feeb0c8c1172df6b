"""The rows of a text's windows → one row for the text."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from ..errors import InputError
from ..tokenization.windows import TextWindows

Aggregate = Callable[[Floats, Sequence[int]], Floats]
"""A function: float32 (windows, n), and the number of tokens of each window → float32 (n,)."""


def mean(rows: Floats, tokens: Sequence[int]) -> Floats:
    """Returns the mean of the rows, each weighted by its number of tokens."""
    weights = np.array(tokens, dtype=np.float64)[:, np.newaxis]
    found: Floats = ((rows * weights).sum(axis=0) / weights.sum()).astype(np.float32)
    return found


def greatest(rows: Floats, tokens: Sequence[int]) -> Floats:
    """Returns the greatest value in each column."""
    found: Floats = rows.max(axis=0)
    return found


def first(rows: Floats, tokens: Sequence[int]) -> Floats:
    """Returns the first row: the answer for the beginning of the text."""
    found: Floats = rows[0]
    return found


AGGREGATES: dict[str, Aggregate] = {"mean": mean, "max": greatest, "first": first}
"""The rules by which the windows' rows become the text's."""

TRUNCATE, WINDOWS = "truncate", "windows"


@dataclass(frozen=True)
class Windowing:
    """How texts are read that are longer than the model reads: in overlapping windows.

    ``overlap`` is the number of tokens that neighbouring windows share; by default a quarter of a window.
    ``aggregate`` makes the text's logits, or its vector, from those of its windows: ``mean`` weights each window by its
    number of tokens, ``max`` takes the greatest value of each label or dimension, ``first`` takes the first window's.

    Raises:
        InputError: there is no such rule, or the overlap is not a whole number.
    """

    overlap: int | None = None
    aggregate: str = "mean"

    def __post_init__(self) -> None:
        if self.aggregate not in AGGREGATES:
            raise InputError(f"expected aggregate to be one of {', '.join(AGGREGATES)}, found {self.aggregate!r}")
        if self.overlap is not None and (not isinstance(self.overlap, int) or isinstance(self.overlap, bool)):
            raise InputError(f"expected overlap to be a whole number of tokens, found {self.overlap!r}")

    def aggregated(self, rows: Floats, read: TextWindows) -> Floats:
        """Returns the row of a text from the rows of its windows; a single row is returned as it is, bit by bit."""
        return rows[0] if len(rows) == 1 else AGGREGATES[self.aggregate](rows, read.tokens)

    def marked(self, read: list[TextWindows]) -> list[TextWindows]:
        """Returns how the texts were read: truncated, if only the first of several windows is taken."""
        if self.aggregate != "first":
            return read
        return [text._replace(truncated=len(text.spans) > 1) for text in read]


def windowing_of(long: str | Windowing) -> Windowing | None:
    """Returns how ``long`` says that long texts are read; None for ``truncate``.

    Raises:
        InputError: it is neither ``truncate``, ``windows`` nor a `Windowing`.
    """
    if isinstance(long, Windowing):
        return long
    if long == TRUNCATE:
        return None
    if long == WINDOWS:
        return Windowing()
    raise InputError(
        f"expected long to be '{TRUNCATE}', '{WINDOWS}' or a linnet.Windowing, found {long!r}; "
        "Embedder.windows gives a vector for each window"
    )


def by_text(values: Floats, read: Iterable[TextWindows]) -> Iterator[tuple[TextWindows, Floats]]:
    """Yields each text's windows with their rows, from the rows of all windows in order."""
    start = 0
    for text in read:
        yield text, values[start : start + len(text.spans)]
        start += len(text.spans)
