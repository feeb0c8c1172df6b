"""Pairs the texts that arrive with the model's answers."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import tee
from typing import Protocol, TypeVar

from ..bundle.opening import Bundle
from ..tokenization.encoding import Encoding
from .completeness import Completeness

_T = TypeVar("_T")


class Model(Protocol):
    """A classifier or an embedder: neither has to be imported where the other runs."""

    bundle: Bundle

    def encode(self, texts: list[str], *, preprocess: bool = True) -> list[Encoding]:
        """Returns how the model reads each text."""


def answer(
    model: Model,
    parts: Iterable[Iterable[str]],
    stream: Callable[..., Iterator[_T]],
    write: Callable[[str, _T], object],
    flush: Callable[[], object],
    *,
    preprocess: bool,
) -> int:
    """Writes each text with its answer as soon as there is one, and reports texts that a smaller vocabulary lacks.

    Returns how many texts it answered.

    Args:
        model: answers the texts.
        parts: the texts, in parts; each part is answered before the next is read.
        stream: the model's method that answers texts lazily.
        write: takes a text and its answer.
        flush: called after each part.
        preprocess: False if the texts are already prepared.
    """
    count = 0
    with Completeness(model.bundle, partial(model.encode, preprocess=preprocess)) as completeness:
        for part in parts:
            shown, asked = tee(part)
            for found in stream(asked, preprocess=preprocess):
                text = next(shown)
                write(text, found)
                completeness.count(text)
                count += 1
            flush()
    return count
