"""Texts of any length → one row for each: what all models share."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..arrays import Floats
from ..pipeline import Encoder, Finish
from ..postprocessing.windows import Windowing, by_text, windowing_of
from ..texts import Texts
from ..tokenization.encoding import Read
from ..tokenization.windows import TextWindows

Long = str | Windowing
"""How long texts are read: ``truncate``, ``windows``, or a `Windowing`."""


class Answered(NamedTuple):
    """The rows of a chunk's texts."""

    values: Floats
    """float32 (texts, …)."""
    read: Sequence[Read]
    """How each text was read."""
    by_window: list[tuple[TextWindows, Floats]]
    """The windows of each text with their rows; none where texts are truncated."""


def answered(encoder: Encoder, texts: Texts, finish: Finish, *, preprocess: bool, long: Long) -> Iterator[Answered]:
    """Yields a row for each text, chunk by chunk: from the part that the model reads, or from all of its windows.

    Raises:
        InputError: there is no such ``long``, or the bundle's windows cannot overlap that much.
    """
    windowing = windowing_of(long)
    if windowing is None:
        for values, read in encoder.rows(texts, finish, preprocess=preprocess):
            yield Answered(values, read, [])
        return
    for rows, found in encoder.windows(texts, finish, preprocess=preprocess, overlap=windowing.overlap):
        by_window = list(by_text(rows, windowing.marked(found)))
        values = np.stack([windowing.aggregated(own, text) for text, own in by_window])
        yield Answered(values, [text for text, _ in by_window], by_window)
