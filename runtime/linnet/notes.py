"""Notes for the user on standard error, separate from the results."""

import sys


def tell(message: str) -> None:
    """Prints a line to standard error, if it is open; with ``file=None``, ``print`` would use standard output."""
    if sys.stderr is not None:
        print(message, file=sys.stderr)
