"""Which columns of the input are kept, and what all columns of the output are called."""

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import InputError
from ...names import free_names
from ..formats.remarks import DROPPED
from ..formats.rows import Input, Row


def columns_of(value: str) -> list[str]:
    """Returns the names in the argument of ``--columns``: separated by commas; a name with a comma is quoted.

    Raises:
        InputError: a name is there twice, or the quotes are not in pairs.
    """
    import csv  # here, because few commands need it

    try:
        names = next(csv.reader([value], strict=True), [])
    except csv.Error as error:
        raise InputError(f"--columns: expected names separated by commas, found {value!r} ({error})") from None
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"--columns: expected each name once, found {twice!r} twice; omit one")
    return names


class Kept:
    """The columns of an input that its output keeps.

    ``names`` are the kept columns: those that were chosen, else all; of JSON lines those of the first object.
    ``places`` are their places in a row; None for the objects of JSON lines.

    Args:
        source: the input, after its first row or its end was read.
        chosen: the names that ``--columns`` gives; None for all.
        known: the keys of all objects of JSON lines, if they were looked up.
    """

    def __init__(self, source: Input, chosen: Sequence[str] | None, known: Sequence[str] | None = None) -> None:
        found = source.columns
        self.places: list[int] | None = None
        self._remarks, self._all = source.remarks, chosen is None
        if found is not None:
            self.places = list(range(len(found))) if chosen is None else [found.index(name) for name in chosen]
            self.names = free_names(found[place] for place in self.places)
        elif source.first is None:
            self.names = list(["text"] if chosen is None else chosen)
        else:
            self.names = list(known or source.first.values if chosen is None else chosen)

    def values(self) -> Callable[[Row], Sequence[Any]]:
        """Returns a function that gives a row's kept values, in the order of ``names``; None for a missing one."""
        places = self.places
        if places is None:
            return self._of_object
        if places == list(range(len(places))):
            return lambda row: list(row.values[: len(places)])
        return lambda row: [row.values[place] for place in places]

    def members(self) -> Callable[[Row], dict[str, Any]]:
        """Returns a function that gives a row's kept values by their names; of JSON lines those that the object has."""
        names, values = self.names, self.values()
        if self.places is not None:
            return lambda row: dict(zip(names, values(row), strict=True))
        if self._all:
            return lambda row: dict(row.values)
        return lambda row: {name: row.values[name] for name in names if name in row.values}

    def _of_object(self, row: Row) -> list[Any]:
        values = [row.values.get(name) for name in self.names]
        if self._all and not row.values.keys() <= set(self.names):
            self._remarks.add(DROPPED, row.line)
        return values
