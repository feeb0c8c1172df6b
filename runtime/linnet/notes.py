"""What people are told beside the answers."""

import sys


def tell(message: str) -> None:
    """A line on standard error, if there is one: ``print`` would take standard output in place of a closed one."""
    if sys.stderr is not None:
        print(message, file=sys.stderr)
