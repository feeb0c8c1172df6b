"""Rows of texts and labels → examples that a model can be judged by."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import NamedTuple

from ...errors import InputError
from .naming import Naming, is_missing

_FEW = 0.1
"""If a smaller share of the data's labels are labels of the model, the data's are likely no labels but texts or ids."""
_LOOKED_AT = 20
"""How many rows after the first with an unknown label are looked at: few, because a pipe may give them slowly."""


class Row(NamedTuple):
    """A text with its label and group as the data has them; ``place`` names the row in messages."""

    place: str
    text: str
    label: str | int
    group: str | None = None


class Example(NamedTuple):
    """A text, its index among the texts, the index of its true label, and its group."""

    text: str
    row: int
    truth: int
    group: str | None = None


@dataclass
class Examples(Iterable[Example]):
    """Iterates over rows as examples, as often as the rows can be iterated over.

    Raises:
        InputError: the model does not have a row's label, and ``skip_unknown`` is False.
    """

    rows: Iterable[Row]
    naming: Naming
    skip_unknown: bool = False
    remedy: Callable[[], str] = lambda: "these are likely no labels: give those of the texts"
    """Returns what to do where hardly any value is a label of the model."""
    skipped: int = 0
    """The rows that the last iteration left out, because the model does not have their label."""

    def __iter__(self) -> Iterator[Example]:
        self.skipped, count = 0, 0
        left_out: Row | None = None
        rows = iter(self.rows)
        for index, row in enumerate(rows):
            truth, count = self.naming.find(row.label), index + 1
            if truth is not None:
                yield Example(row.text, index, truth, row.group)
            elif self.skip_unknown:
                self.skipped += 1
                left_out = left_out or (None if is_missing(row.label) else row)
            else:
                raise self._unknown(row, _labels(islice(rows, _LOOKED_AT)), index)
        if left_out and self.skipped == count:
            raise self.naming.foreign(left_out.label, left_out.place, 0, count, self.remedy())

    def _unknown(self, row: Row, further: Sequence[str | int], before: int) -> InputError:
        """Returns the error for a row whose label the model does not have.

        Args:
            row: the row.
            further: the labels of rows after it.
            before: how many rows are before it, whose labels the model has.
        """
        labels = [row.label, *further]
        known, count = before + sum(map(self.naming.resembles, labels)), before + len(labels)
        if is_missing(row.label) or known >= _FEW * count:
            return self.naming.unknown(row.label, row.place)
        return self.naming.foreign(row.label, row.place, known, count, self.remedy())


def _labels(rows: Iterable[Row]) -> list[str | int]:
    """Returns the labels of rows, up to the first that cannot be read: another error is about to be told."""
    found: list[str | int] = []
    with suppress(InputError):
        found.extend(row.label for row in rows)  # those before the error stay
    return found


def rows_of(texts: Iterable[str], labels: Iterable[str | int], groups: Iterable[object] | None = None) -> Iterator[Row]:
    """Yields the texts with their labels and groups.

    Raises:
        InputError: there is not a label, or a group, for each text.
    """
    if isinstance(texts, str):
        raise InputError("expected an iterable of texts, found one text; give [text]")
    columns = [texts, labels] if groups is None else [texts, labels, groups]
    for index, (text, label, *group) in enumerate(zip_longest(*columns, fillvalue=_MISSING)):
        if any(value is _MISSING for value in (text, label, *group)):
            raise InputError(
                f"expected as many texts as labels{' and groups' if group else ''}, and one ends after {index}; "
                "give a label for each text"
            )
        yield Row(f"label {index}", text, label, str(group[0]) if group else None)


_MISSING = object()
