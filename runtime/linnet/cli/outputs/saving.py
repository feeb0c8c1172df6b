"""Saves now and then how far an output has come, and skips what an interrupted run answered."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import chain, islice
from time import monotonic
from typing import Any

from ...errors import InputError
from ...tokenization.encoding import Tally
from ..formats.rows import Row
from .partial import Checkpoint, Partial
from .sinks import Sink

EVERY = 2.0
"""Seconds between checkpoints. A run that ends before the first leaves nothing behind."""

_FIRST, _MOST = 8, 2048
"""How many texts the model is given at first between two checkpoints, and the most; a model reads no more ahead."""
_GROWTH = 8
"""A part has at most so many times the texts of the one before: few small parts, since those fill batches badly."""


class Saving:
    """Writes to a sink, and saves a checkpoint when all texts that were read ahead are answered.

    Args:
        sink: writes the rows into the partial file.
        partial: the file.
        tally: counts the texts that the model was given; what the interrupted run counted is added to it.
    """

    def __init__(self, sink: Sink, partial: Partial, tally: Tally) -> None:
        self._sink, self._partial, self._tally = sink, partial, tally
        self._rows, self._digest = 0, blake2b(digest_size=16)
        self._next = monotonic() + EVERY
        vars(tally).update(partial.start.tally)

    def remaining(self, parts: Iterable[Iterator[Row]]) -> Iterator[Iterator[Row]]:
        """Yields the parts without the texts that are answered already, in smaller parts that take about `EVERY`.

        The model answers up to 2,048 texts before it gives the first answer, which takes long for long texts or on a
        slow machine. So the size of the parts follows the time that the part before took, down to one text.

        Raises:
            InputError: they are not the same texts.
        """
        start, size = self._partial.start, _FIRST
        for part in parts:
            for row in islice(part, max(0, start.rows - self._rows)):
                self._count(row)
            if self._rows == start.rows:
                self._check(start)
            for first in part:
                began = monotonic()
                yield chain([first], islice(part, size - 1))
                took = max(monotonic() - began, 1e-9)
                size = max(1, min(_GROWTH * size, _MOST, int(size * EVERY / took)))
        if self._rows < start.rows:
            self._check(start)

    def write(self, row: Row, answer: Any) -> None:
        """Writes a row."""
        self._sink.write(row, answer)
        self._count(row)
        if self._tally.texts == self._rows and monotonic() >= self._next:
            self._save()

    def flush(self) -> None:
        """Leaves the buffer as it is: the file appears whole at the end."""

    def end(self) -> None:
        """Writes what the file ends with."""
        self._sink.end()

    def _count(self, row: Row) -> None:
        self._rows += 1
        text = row.text.encode()
        self._digest.update(len(text).to_bytes(8, "little"))
        self._digest.update(text)

    def _check(self, start: Checkpoint) -> None:
        if start.rows and (self._rows, self._digest.hexdigest()) != (start.rows, start.digest):
            raise InputError(
                f"--resume: expected the {start.rows:,} texts that are answered already, found others; "
                f"give the same input, or remove {self._partial.path} to begin again"
            )

    def _save(self) -> None:
        self._sink.flush()
        size = self._partial.stream.tell()
        self._partial.save(Checkpoint(self._rows, size, self._digest.hexdigest(), dict(vars(self._tally))))
        self._next = monotonic() + EVERY
