"""Notes for the user on standard error, separate from the results."""

import sys


def tell(message: str) -> None:
    """Prints a line to standard error, if it is open; with ``file=None``, ``print`` would use standard output."""
    if sys.stderr is not None:
        print(message, file=sys.stderr)


def counted(count: int, one: str, several: str | None = None) -> str:
    """Returns a number and what it counts: ``1 text``, ``5,000 texts``."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
