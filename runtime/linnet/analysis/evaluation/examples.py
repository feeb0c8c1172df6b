"""Rows of texts and labels → examples that a model can be judged by."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from ...errors import InputError
from .naming import Naming


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
    skipped: int = 0
    """The rows that the last iteration left out, because the model does not have their label."""

    def __iter__(self) -> Iterator[Example]:
        self.skipped = 0
        for index, row in enumerate(self.rows):
            truth = self.naming.find(row.label)
            if truth is not None:
                yield Example(row.text, index, truth, row.group)
            elif self.skip_unknown:
                self.skipped += 1
            else:
                raise self.naming.unknown(row.label, row.place)


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
