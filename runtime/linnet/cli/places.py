"""Checks the files that a command writes: none of them is a file that it reads, or another that it writes."""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from ..errors import InputError
from ..system.files import is_stream

_WRITTEN = ("output", "rejects", "html", "rows")


def check_places(args: argparse.Namespace, what: str, read: Iterable[Path | None]) -> None:
    """Checks that the outputs that the arguments name overwrite neither what is read nor each other.

    Pipes and devices can be named several times.

    Args:
        args: the arguments.
        what: names what is read, in messages.
        read: the files that are read; None where there is none.

    Raises:
        InputError: an output overwrites something.
    """
    taken = [(what, file) for file in read if file]
    for name in _WRITTEN:
        place: Path | None = getattr(args, name, None)
        if place is None or is_stream(place):
            continue
        for which, other in taken:
            if is_same_file(place, other):
                raise InputError(f"--{name} {place} is also {which}, and would overwrite it: name another file")
        taken.append((f"the file of --{name}", place))


def is_same_file(one: Path, other: Path) -> bool:
    """Returns whether two paths name one file, which need not be there."""
    try:
        return one.samefile(other)
    except OSError:
        return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))
