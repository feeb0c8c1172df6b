"""Files of texts and labels → rows of a text, its label and its group."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from ...analysis.evaluation.examples import Row
from ...errors import InputError
from ...fields import enumerated
from .lines import Advance
from .reading import Source, open_input
from .remarks import Remarks
from .rows import Malformed, Reading, Reject, naming_remedy
from .rows import Row as Cell

MAPPING = "mapping.txt"
"""The file beside TweetEval's labels that names their ids: an id and a name a line, separated by a tab."""
FILE, FOLDER = "file", "folder"
"""What files can be grouped by if they have no column of this name: their name, or the name of their folder."""

_LINES = Reading()


@dataclass(frozen=True)
class LabelledFile:
    """A file of texts, with the labels in another column of it, or a line each in a file of their own."""

    texts: Path
    reading: Reading
    labels: Path
    label_column: str
    by: str | None = None
    held: bytes | None = None
    """The content of the texts, if they do not come from a file."""

    @property
    def size(self) -> int:
        """The size of the texts in bytes."""
        return self.texts.stat().st_size if self.held is None else len(self.held)

    def rows(
        self,
        *,
        tell: bool,
        advance: Advance | None = None,
        reject: Reject | None = None,
        begin: "_Begin | None" = None,
    ) -> Iterator[Row]:
        """Yields the rows; with ``tell``, notes on standard error what is remarkable about the texts.

        ``advance`` receives the number of bytes that were just read of the texts, and ``reject`` each malformed row,
        which by default ends the reading. ``begin`` receives the columns, or the keys of the first object, before the
        first row. A missing label or group is an empty text.

        Raises:
            InputError: a file cannot be read, or has no such column, or there is not a label for each text.
        """
        remarks = Remarks(str(self.texts))
        with open_input(self.texts) if self.held is None else BytesIO(self.held) as stream:
            source = Source(stream, self.reading, remarks, advance=advance, reject=reject)
            cells = chain.from_iterable(source.parts())
            first = next(cells, None)
            if first is not None:
                if begin:
                    begin(list(first.values if source.columns is None else source.columns))
                group = self._group(source, first)
                found = self._of_file if self.labels == self.texts else self._of_lines
                yield from found(source, chain([first], cells), group)
            elif self.labels != self.texts:
                yield from self._of_lines(source, cells, lambda _: None)
        if tell:
            remarks.tell()

    def _of_file(self, source: Source, cells: Iterable[Cell], group: "_Group") -> Iterator[Row]:
        label = None
        for cell in cells:
            label = label or _column(source, cell, self.label_column, "--label-column")
            yield Row(f"{self.texts}, line {cell.line}", cell.text, label(cell), group(cell))

    def _of_lines(self, source: Source, cells: Iterable[Cell], group: "_Group") -> Iterator[Row]:
        names = _mapping(self.labels)
        for number, (text, label) in enumerate(zip_longest(cells, _lines(self.labels))):
            if text is None or label is None:
                raise InputError(
                    f"expected as many lines in {self.labels} as in {self.texts}, and "
                    f"{self.texts if text is None else self.labels} ends after {number}; give one label a line"
                )
            yield Row(f"{self.labels}, line {label.line}", text.text, names.get(label.text, label.text), group(text))

    def _group(self, source: Source, first: Cell) -> "_Group":
        named = {None: None, FILE: self.texts.stem, FOLDER: self.texts.resolve().parent.name}
        names = first.values if source.columns is None else source.columns
        if self.by is None or self.reading.format == "txt" or (self.by in named and self.by not in names):
            return lambda _: named[self.by]
        return _column(source, first, self.by, "--by")


_Group = Callable[[Cell], "str | None"]
_Begin = Callable[[list[str]], None]


def _column(source: Source, first: Cell, name: str, option: str) -> Callable[[Cell], str]:
    """Returns a function that gives a row's value in a column, as text.

    Raises:
        InputError: the input has no such column, or several.
    """
    names: Sequence[str] = list(first.values) if source.columns is None else source.columns
    if (times := names.count(name)) != 1:
        found = ", ".join(map(repr, names)) if not times else f"{times}"
        raise InputError(
            f"{source.remarks.name}: expected {'a' if not times else 'one'} column {name!r}, found {found}; "
            + (naming_remedy(name, names, option, f"name one with {option}") if not times else "rename the others")
        )
    if source.columns is None:
        return lambda row: _as_text(row.values.get(name))
    place = names.index(name)
    return lambda row: _as_text(row.values[place])


def _as_text(value: Any) -> str:
    """Returns a value as it stands in a table: numbers as JSON writes them, a missing one as an empty text."""
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str)


@dataclass
class LabelledFiles(Iterable[Row]):
    """The rows of files of texts and labels, one file after the other, from the start each time."""

    files: list[LabelledFile]
    advance: Advance | None = None
    """Receives the number of bytes that were just read."""
    reject: Callable[[Path, Malformed], None] | None = None
    """Receives each malformed row and its file, the first time that the rows are read; by default it ends the reading."""
    _told: bool = field(default=False, init=False)
    _latest: tuple[LabelledFile, list[str]] | None = field(default=None, init=False)
    """The file that was begun last, and its columns."""

    def __iter__(self) -> Iterator[Row]:
        for file in self.files:
            reject, begin = self._reject_of(file), partial(self._begin, file)
            yield from file.rows(tell=not self._told, advance=self.advance, reject=reject, begin=begin)
        self._told = True

    def _begin(self, file: LabelledFile, columns: list[str]) -> None:
        self._latest = file, columns

    def _reject_of(self, file: LabelledFile) -> Reject | None:
        """Returns what receives a file's malformed rows; none may be left out where labels are counted by lines."""
        reject, told = self.reject, self._told
        if reject is None or file.labels != file.texts:
            return None
        return lambda found: None if told else reject(file.texts, found)

    def other_labels(self) -> str:
        """Returns what to do where the values that were read as labels are none."""
        file, columns = self._latest or (self.files[0], [])
        if file.labels != file.texts:
            return f"{file.labels} is likely no file of labels: name another with --labels"
        others = enumerated(name for name in columns if name not in (file.label_column, file.reading.column))
        named = f"name another with --label-column: {others}" if others else "add a column with the labels"
        return f"the column {file.label_column!r} is likely the wrong one: {named}"

    @property
    def size(self) -> int:
        """The size of the texts' files in bytes."""
        return sum(file.size for file in self.files)


def labels_beside(texts: Path) -> Path | None:
    """Returns the file of labels beside a file of texts, as TweetEval names them: ``val_labels.txt``; None if none."""
    stem, found, suffix = texts.name.rpartition("_text")
    beside = texts.with_name(f"{stem}_labels{suffix}")
    return beside if found and beside.is_file() else None


def _mapping(labels: Path) -> dict[str, str]:
    """Returns the names of the labels' ids, if there is a file of them beside the labels."""
    file = labels.with_name(MAPPING)
    lines = [cell.text for cell in _lines(file)] if file.is_file() else []
    named = (line.partition("\t") for line in lines)
    return {number.strip(): name.strip() for number, tab, name in named if tab}


def _lines(file: Path) -> Iterator[Cell]:
    """Yields the lines of a file."""
    with open_input(file) as stream:
        yield from chain.from_iterable(Source(stream, _LINES, Remarks(str(file))).parts())
