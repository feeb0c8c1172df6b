"""What a script says where the packages that it needs are not installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def packages(environment: str = "scripts/test sets up .venv") -> Iterator[None]:
    """Ends the process with a message if a package is missing in the ``with`` block, which holds a script's imports.

    A script reads its arguments first, so that ``--help`` works where nothing is installed.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        sys.exit(
            f"{sys.argv[0]}: expected the package {missing.name}, found none in {sys.executable}: "
            f"{environment}; run this script with its Python"
        )
