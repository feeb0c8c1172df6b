"""Progress, a step at a time, on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Steps:
    """Says which of ``total`` steps is under way, and how long each took."""

    def __init__(self, total: int, *, silent: bool = False) -> None:
        self._total, self._number, self._silent = total, 0, silent

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """One step."""
        self._number += 1
        self._say(f"[{self._number}/{self._total}] {what} … ")
        began = time.monotonic()
        try:
            yield
        except BaseException:
            self._say("\n")
            raise
        self._say(f"{time.monotonic() - began:.1f} s\n")

    def note(self, *remarks: str) -> None:
        """Remarks between two steps, a line each."""
        for remark in remarks:
            self._say(f"note: {remark}\n")

    def _say(self, text: str) -> None:
        if not self._silent:
            print(text, end="", file=sys.stderr, flush=True)
