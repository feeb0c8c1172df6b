"""What a reader under test is."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    """A function that reads content of unknown origin, and how to make such content."""

    name: str
    """Its name on the command line, and that of its folder in the corpus."""
    read: Callable[[bytes], object]
    """Reads one input. May raise only errors of Linnet."""
    seeds: Callable[[], list[bytes]]
    """Returns content that is read without an error."""
    mutate: Callable[[bytes, random.Random], bytes]
    """Returns changed content; equal states of the generator make equal changes."""
    needs: str | None = None
    """A package that it needs besides those of the runtime."""
