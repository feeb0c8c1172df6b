"""Pairs the texts that arrive with the model's answers."""

from collections.abc import Callable, Iterable, Iterator
from itertools import tee
from typing import TypeVar

from ..notes import counted, tell
from ..tokenization.encoding import Tally

_T = TypeVar("_T")


def answer(
    parts: Iterable[Iterable[str]],
    stream: Callable[..., Iterator[_T]],
    write: Callable[[str, _T], object],
    flush: Callable[[], object],
    *,
    preprocess: bool,
) -> int:
    """Writes each text with its answer as soon as there is one, and tells of texts that were not read as they are.

    Returns how many texts it answered.

    Args:
        parts: the texts, in parts; each part is answered before the next is read.
        stream: the model's method that answers texts lazily.
        write: takes a text and its answer.
        flush: called after each part.
        preprocess: False if the texts are already prepared.
    """
    tally = Tally()
    for part in parts:
        shown, asked = tee(part)
        for found in stream(asked, preprocess=preprocess, tally=tally):
            write(next(shown), found)
        flush()
    _tell(tally)
    return tally.texts


def _tell(tally: Tally) -> None:
    of = f"of {counted(tally.texts, 'text')}"
    if tally.truncated:
        tell(
            f"note: {tally.truncated:,} {of} had to be truncated to what the model reads, as the original truncates: "
            "the answer is for the rest of the text"
        )
    if tally.incomplete:
        tell(
            f"note: {tally.incomplete:,} {of} have pieces that this bundle's vocabulary lacks: "
            "the answers are not the original's"
        )
