"""A progress bar on standard error, shown only on a terminal."""

import sys
import time
from types import TracebackType

_WIDTH = 30
_EVERY = 0.1  # seconds


class Progress:
    """A progress bar towards ``total``; shows nothing if that is 0, or if standard error is not a terminal."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._shown, self._next = False, time.monotonic() + _EVERY
        self._stream = sys.stderr if total and sys.stderr is not None and sys.stderr.isatty() else None

    def advance(self, amount: int) -> None:
        """Adds ``amount`` to the work done."""
        self._done += amount
        now = time.monotonic()
        if self._stream and now >= self._next:
            self._shown, self._next = True, now + _EVERY
            share = min(1.0, self._done / self._total)
            bar = "█" * round(share * _WIDTH)
            print(f"\r{self._what} {bar:·<{_WIDTH}} {share:4.0%}", end="", file=self._stream, flush=True)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream and self._shown:
            print("\r\033[K", end="", file=self._stream, flush=True)
