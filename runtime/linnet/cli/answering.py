"""Pairs the texts that arrive with the model's answers."""

from collections.abc import Callable, Iterable, Iterator
from itertools import tee
from typing import TypeVar

from ..notes import tell
from ..tokenization.encoding import Tally

_T = TypeVar("_T")


def answer(
    parts: Iterable[Iterable[str]],
    stream: Callable[..., Iterator[_T]],
    write: Callable[[str, _T], object],
    flush: Callable[[], object],
    *,
    preprocess: bool,
) -> Tally:
    """Writes each text with its answer as soon as there is one, and tells of texts that were not read as they are.

    Args:
        parts: the texts, in parts; each part is answered before the next is read.
        stream: the model's method that answers texts lazily.
        write: takes a text and its answer.
        flush: called after each part.
        preprocess: False if the texts are already prepared.

    Returns:
        how the texts were read.
    """
    tally = Tally()
    for part in parts:
        shown, asked = tee(part)
        for found in stream(asked, preprocess=preprocess, tally=tally):
            write(next(shown), found)
        flush()
    _tell(tally)
    return tally


def _tell(tally: Tally) -> None:
    if tally.truncated:
        tell(
            f"note: {tally.truncated} of {tally.texts} texts are longer than the model reads: "
            "the answers are for their first part, as the original's are"
        )
    if tally.incomplete:
        tell(
            f"note: {tally.incomplete} of {tally.texts} texts have pieces that this bundle's vocabulary lacks: "
            "the answers are not the original's"
        )
