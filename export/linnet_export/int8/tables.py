"""Embedding tables in 8 or 4 bits, with separate scales for each row."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from linnet.arrays import Floats

from linnet_export.onnx_graph.external import Int4

BITS = (8, 4)
"""The allowed numbers of bits for each value of an embedding table."""

BLOCK = 32
"""The number of values of a row that share a scale in 4 bits.

The error of all-MiniLM's table over its size is 0.071 with 16, 0.082 with 32, 0.091 with 64. A quarter million rows
of 768 take 120, 108 and 102 MB.
"""

_SHARE, _FEWEST = 10, 12288
"""How many rows are held twice: their 4-bit values, and the error that these leave. See `held_twice`.

That is one row in ``_SHARE``, or ``_FEWEST`` rows if the vocabulary is small. These rows cover 76 % of the tokens of
tweets in XLM-R's vocabulary (UMSAB; one row in seven covers 79 %) and 92 % in all-MiniLM's (TweetEval). The embedded
default gives the same labels as fp32, over 2,000 tweets, for 98.6 % with no row held twice, 99.05 % with a seventh,
99.15 % with a quarter, 99.65, 99.35 and 99.5 % with 12,288, 16,384 and 20,480 rows of 30,522; 99.6 % with 8 bits.
Other methods gain less: to scale or centre the columns first, to sort them by size, blocks of 16, and to pass errors
on to other columns as GPTQ does.
"""

_LEVELS = 127  # positive levels of an int8 that is symmetric around 0
_LEAST, _GREATEST = -8, 7  # the range of an int4
_SMALLEST = np.float32(1e-12)  # replaces the scale of rows that are all zero
_ROWS = 16384  # quantized at a time, because XLM-R's table has a quarter million rows
_TRIED = (8 / 7, 1.0, 1.05, 0.95, 0.9, 0.85)
"""The scales tried for each block, over the scale that maps its greatest magnitude to -8.

The error of all-MiniLM's table over its size is 0.097 with only the first, 0.086 with only the second, 0.083 with the
best of all.
"""

_A = TypeVar("_A", bound=np.generic)
_B = TypeVar("_B", bound=np.generic)
_Quantized = tuple[Floats, npt.NDArray[np.float16], npt.NDArray[np.int8]]


def in_8_bits(table: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Returns the table in int8, (rows, dimension), and one scale per row, float32 (rows, 1)."""
    return _by_rows(table, _rows_in_8_bits)


def in_4_bits(table: Floats) -> tuple[Int4, npt.NDArray[np.float16]]:
    """Returns the table in int4, and one scale per `BLOCK` of a row, float16 (rows, dimension / BLOCK)."""
    packed, scales = _by_rows(table, _in_blocks)
    return Int4(packed), scales


def held_twice(rows: int) -> int:
    """Returns how many rows of a 4-bit table are held twice; ``rows`` is the size of the whole vocabulary.

    At most half of the rows are held twice: with more, 8 bits are smaller. A reduced vocabulary holds the same rows
    twice, so that its texts get the same logits as with the whole vocabulary.
    """
    return max(-(-rows // _SHARE), min(_FEWEST, rows // 2))


def rest_of_4_bits(table: Floats, frequent: int | None = None) -> Floats:
    """Returns the error of `in_4_bits` for the first rows, and a row of zeros: float32 (frequent + 1, dimension).

    Vocabularies begin with their most frequent pieces. ``frequent`` is `held_twice` by default.
    """
    first = table[: held_twice(len(table)) if frequent is None else max(1, frequent)]
    values, scales = in_4_bits(first)
    exact = values[:] * np.repeat(scales.astype(np.float32), BLOCK, axis=1)
    return np.concatenate([first - exact, np.zeros_like(first[:1])])


def _rows_in_8_bits(rows: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True) / np.float32(_LEVELS), _SMALLEST)
    return np.rint(rows / scale).astype(np.int8), scale


def _in_blocks(rows: Floats) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]:
    blocks = rows.reshape(len(rows), -1, BLOCK)
    where = np.abs(blocks).argmax(axis=-1, keepdims=True)
    whole = np.take_along_axis(blocks, where, -1) / _LEAST
    best: _Quantized | None = None
    for factor in _TRIED:
        scale = _float16(whole * np.float32(factor))
        values = np.clip(np.rint(blocks / scale), _LEAST, _GREATEST)
        off = np.abs(values * scale - blocks)
        # Clipping must not move a value by more than one step.
        error = np.where((off > np.abs(scale)).any(axis=-1, keepdims=True), np.inf, (off * off).sum(-1, keepdims=True))
        found = error, scale.astype(np.float16), values.astype(np.int8)
        best = found if best is None else _better(error < best[0], found, best)
    assert best
    return Int4.of(best[2].reshape(rows.shape)).packed, best[1][..., 0]


def _better(is_better: npt.NDArray[np.bool_], one: _Quantized, other: _Quantized) -> _Quantized:
    return (
        np.where(is_better, one[0], other[0]),
        np.where(is_better, one[1], other[1]),
        np.where(is_better, one[2], other[2]),
    )


def _float16(scale: Floats) -> Floats:
    """Returns the scales rounded to float16, with 1 instead of 0: the values of such blocks become 0."""
    rounded = scale.astype(np.float16).astype(np.float32)
    return np.where(rounded == 0, np.float32(1), rounded)


def _by_rows(
    table: Floats, quantize: Callable[[Floats], tuple[npt.NDArray[_A], npt.NDArray[_B]]]
) -> tuple[npt.NDArray[_A], npt.NDArray[_B]]:
    """Quantizes all rows in parts, without a float copy of the whole table."""
    parts = [quantize(table[start : start + _ROWS]) for start in range(0, len(table), _ROWS)]
    return np.concatenate([values for values, _ in parts]), np.concatenate([scale for _, scale in parts])
