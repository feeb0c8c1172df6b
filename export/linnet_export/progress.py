"""Prints the progress of a conversion on standard error, one step at a time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Steps:
    """A progress display of ``total`` steps: the current step and the time that each one took."""

    def __init__(self, total: int, *, silent: bool = False) -> None:
        self._total, self._number, self._silent = total, 0, silent

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Prints the start of a step and, at its end, its duration."""
        self._number += 1
        self._say(f"[{self._number}/{self._total}] {what} … ")
        began = time.monotonic()
        try:
            yield
        except BaseException:
            self._say("\n")
            raise
        self._say(f"{time.monotonic() - began:.1f} s\n")

    def part(self, what: str) -> None:
        """Prints the start of a part of the current step."""
        self._say(f"{what} … ")

    def note(self, *remarks: str) -> None:
        """Prints remarks between two steps, one per line."""
        for remark in remarks:
            self._say(f"note: {remark}\n")

    def _say(self, text: str) -> None:
        if not self._silent and sys.stderr is not None:  # a closed one: print(file=None) writes to standard output
            print(text, end="", file=sys.stderr, flush=True)
