"""Where rows and answers go, as text."""

from collections.abc import Callable
from typing import Any, Protocol, TextIO

from ..formats.rows import Row
from .forms import Form, Render


class Sink(Protocol):
    """Writes rows and answers."""

    def write(self, row: Row, answer: Any) -> None:
        """Writes a row and its answer."""

    def flush(self) -> None:
        """Hands on what is buffered."""

    def end(self) -> None:
        """Writes what an output ends with."""


class TextSink:
    """Writes rows as lines of text.

    Args:
        stream: where to write.
        form: gives the form, once the first row or the end was read.
        begun: True if an interrupted run wrote the header.
    """

    def __init__(self, stream: TextIO, form: Callable[[], Form], *, begun: bool = False) -> None:
        self._stream, self._form, self._begun = stream, form, begun
        self._render: Render | None = None

    def write(self, row: Row, answer: Any) -> None:
        """Writes a row as a line, after the header."""
        render = self._render or self._begin()
        self._stream.write(render(row, answer))

    def flush(self) -> None:
        """Writes what is buffered."""
        self._stream.flush()

    def end(self) -> None:
        """Writes the header of an output without rows."""
        if not self._render:
            self._begin()
        self._stream.flush()

    def _begin(self) -> Render:
        header, self._render = self._form()
        if not self._begun:
            self._stream.write(header)
        return self._render
