"""Progress on standard error, shown only on a terminal."""

import shutil
import sys
import time
from collections.abc import Callable
from types import TracebackType

_WIDTH = 20
_EVERY = 0.1  # seconds


class Progress:
    """Shows how far the reading of an input has come, how many rows a second it reads, and how long it will take.

    Args:
        what: names the input.
        total: its size in bytes; 0 if it is not known.
        rows: gives the number of rows that were read, to show it too.
        shown: False to show nothing, as if standard error were no terminal.
    """

    def __init__(self, what: str, total: int, rows: Callable[[], int] | None = None, *, shown: bool = True) -> None:
        self._what, self._total, self._rows, self._done = what, total, rows, 0
        self._begun = time.monotonic()
        self._next, self._shown = self._begun + _EVERY, False
        self._stream = sys.stderr if shown and sys.stderr is not None and sys.stderr.isatty() else None

    def advance(self, amount: int) -> None:
        """Adds a number of bytes to those that were read."""
        self._done += amount
        if self._stream and (now := time.monotonic()) >= self._next:
            self._shown, self._next = True, now + _EVERY
            room = shutil.get_terminal_size().columns - 1
            print(f"\r{self._line(now - self._begun)[:room]}\033[K", end="", file=self._stream, flush=True)

    def clear(self) -> None:
        """Removes what is shown, so that a note has the line."""
        if self._stream and self._shown:
            print("\r\033[K", end="", file=self._stream, flush=True)

    def _line(self, seconds: float) -> str:
        rows = self._rows() if self._rows else 0
        told = f"  {rows:,} rows  {rows / seconds:,.0f}/s" if self._rows else ""
        if not self._total:
            return f"{self._what}{told}"
        share = min(1.0, self._done / self._total)
        bar = "█" * round(share * _WIDTH)
        begun = share and (rows or not self._rows)  # what was read ahead says nothing of the time
        left = _duration(seconds * (1 - share) / share) if begun else "?"
        return f"{self._what} {bar:·<{_WIDTH}} {share:4.0%}{told}  {left} left"

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()


def _duration(seconds: float) -> str:
    """Returns hours, minutes and seconds: ``1:02:03``, ``0:07``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
