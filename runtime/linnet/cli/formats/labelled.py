"""Files of texts and labels → rows of a text, its label and its group."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

from ...analysis.evaluation.examples import Row
from ...errors import InputError
from .lines import Advance
from .reading import open_input, read_parts
from .remarks import Remarks
from .rows import Reading
from .rows import Row as Cell

MAPPING = "mapping.txt"
"""The file beside TweetEval's labels that names their ids: an id and a name a line, separated by a tab."""
FILE, FOLDER = "file", "folder"
"""What text files can be grouped by: their name, or the name of their folder."""

_LINES = Reading()


@dataclass(frozen=True)
class LabelledFile:
    """A file of texts, with the labels in another column of it, or a line each in a file of their own."""

    texts: Path
    reading: Reading
    labels: Path
    label_column: str
    by: str | None = None

    def rows(self, *, tell: bool, advance: Advance | None = None) -> Iterator[Row]:
        """Yields the rows; with ``tell``, notes on standard error what is remarkable about the texts.

        ``advance`` receives the number of bytes that were just read of the texts.

        Raises:
            InputError: a file cannot be read, or has no such column, or there is not a label for each text.
        """
        names = _mapping(self.labels) if self.labels != self.texts else {}
        texts = _cells(self.texts, self.reading, tell=tell, advance=advance)
        groups = self._groups()
        for number, (text, label) in enumerate(zip_longest(texts, self._labels())):
            if text is None or label is None:
                raise InputError(
                    f"expected as many lines in {self.labels} as in {self.texts}, and "
                    f"{self.texts if text is None else self.labels} ends after {number}; give one label a line"
                )
            yield Row(f"{self.labels}, line {label.line}", text.text, names.get(label.text, label.text), next(groups))

    def _labels(self) -> Iterator[Cell]:
        reading = self._column(self.label_column) if self.labels == self.texts else _LINES
        return _cells(self.labels, reading)

    def _groups(self) -> Iterator[str | None]:
        named = {None: None, FILE: self.texts.stem, FOLDER: self.texts.resolve().parent.name}
        if self.reading.format == "txt" or self.by is None:
            while True:
                yield named[self.by]
        for cell in _cells(self.texts, self._column(self.by)):
            yield cell.text

    def _column(self, name: str) -> Reading:
        return replace(self.reading, column=name, scalars=True)


@dataclass
class LabelledFiles(Iterable[Row]):
    """The rows of files of texts and labels, one file after the other, from the start each time."""

    files: list[LabelledFile]
    advance: Advance | None = None
    """Receives the number of bytes that were just read."""
    _told: bool = field(default=False, init=False)

    def __iter__(self) -> Iterator[Row]:
        for file in self.files:
            yield from file.rows(tell=not self._told, advance=self.advance)
        self._told = True

    @property
    def size(self) -> int:
        """The size of the texts' files in bytes."""
        return sum(file.texts.stat().st_size for file in self.files)


def labels_beside(texts: Path) -> Path | None:
    """Returns the file of labels beside a file of texts, as TweetEval names them: ``val_labels.txt``; None if none."""
    stem, found, suffix = texts.name.rpartition("_text")
    beside = texts.with_name(f"{stem}_labels{suffix}")
    return beside if found and beside.is_file() else None


def _mapping(labels: Path) -> dict[str, str]:
    """Returns the names of the labels' ids, if there is a file of them beside the labels."""
    file = labels.with_name(MAPPING)
    lines = [cell.text for cell in _cells(file, _LINES)] if file.is_file() else []
    named = (line.partition("\t") for line in lines)
    return {number.strip(): name.strip() for number, tab, name in named if tab}


def _cells(file: Path, reading: Reading, *, tell: bool = False, advance: Advance | None = None) -> Iterator[Cell]:
    """Yields one column of a file."""
    remarks = Remarks(str(file))
    with open_input(file) as stream:
        for part in read_parts(stream, reading, remarks, advance):
            yield from part
    if tell:
        remarks.tell()
