"""What becomes of malformed rows: they are told, written to a file, counted, or end the run."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from ..errors import InputError
from ..notes import counted, tell
from .formats.rows import Malformed

_TOLD = 5
"""How many malformed rows are told one by one."""


class Rejects:
    """Receives the malformed rows of an input.

    Args:
        name: names the input in messages; it may be changed from input to input.
        strict: True if the first one ends the run.
        before: called before a row is told, to clear a progress bar.
    """

    def __init__(self, name: str, *, strict: bool, before: Callable[[], None]) -> None:
        self.count = 0
        self.name, self._strict, self._before = name, strict, before
        self._path: Path | None = None
        self._stream: TextIO | None = None

    def open(self, path: Path, stack: ExitStack) -> None:
        """Opens the file that gets the malformed rows, one JSON object per line, as they are found.

        Raises:
            InputError: it cannot be written.
        """
        try:
            self._stream = stack.enter_context(path.open("w", encoding="utf-8", buffering=1))
        except OSError as error:
            raise InputError(f"--rejects: cannot write {path}: {error.strerror or error}; name another file") from None
        self._path = path

    def __call__(self, found: Malformed) -> None:
        """Receives a malformed row.

        Raises:
            InputError: it ends the run.
        """
        message = f"{self.name}, line {found.line}: {found.reason}"
        self.count += 1
        if self._stream:
            row = {"line": found.line, "reason": found.reason, "row": found.raw}
            json.dump(row, self._stream, ensure_ascii=not _is_text(found.raw))
            self._stream.write("\n")
        if self._strict:
            raise InputError(message)
        if self.count <= _TOLD:
            self._before()
            tell(f"malformed row: {message}")

    def tell(self, answered: int) -> None:
        """Tells how many rows were malformed.

        Raises:
            InputError: all were.
        """
        if not self.count:
            return
        if not answered:
            raise InputError(
                f"{self.name}: expected rows, found {counted(self.count, 'malformed row')} and no other; "
                "see the first of them above, and check --format, --delimiter and --column"
            )
        where = f"written to {self._path}" if self._path else "to keep them, give --rejects FILE"
        tell(f"note: {self.name}: {counted(self.count, 'malformed row')} left out; {where}")


def _is_text(raw: str) -> bool:
    """Returns whether a row is UTF-8; its other bytes are lone surrogates, which JSON writes as escapes."""
    return not any("\udc80" <= char <= "\udcff" for char in raw)
