"""Embedding tables, each row with scales of its own, in 8 bits or in 4."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from linnet_export.encoder import Floats
from linnet_export.external import Int4

BITS = (8, 4)
"""What a value of an embedding table may take."""

BLOCK = 32
"""How many values of a row share a scale in 4 bits.

Error of all-MiniLM's table over its size: 0.071 with 16, 0.082 with 32, 0.091 with 64; a quarter million rows of 768 take
120, 108 and 102 MB.
"""

_SHARE, _FEWEST = 10, 12288
"""One row in so many, and in a smaller vocabulary so many rows, are held twice: their values in 4 bits, and what that leaves.

Of the tokens of tweets, that is 76 % in XLM-R's vocabulary (UMSAB; with a seventh it is 79 %) and 92 % in all-MiniLM's
(TweetEval). Labels of the embedded default as in fp32, over 2,000 tweets: 98.6 % with none held twice, 99.05 % with a seventh,
99.15 % with a quarter, 99.65, 99.35 and 99.5 % with 12,288, 16,384 and 20,480 rows of 30,522; 99.6 % with 8 bits. Scaling or
centring the columns beforehand, sorting them by size, blocks of 16, and passing errors on to other columns as GPTQ does bring
less.
"""

_LEVELS = 127  # of an int8 that is symmetric around 0
_LEAST, _GREATEST = -8, 7  # of an int4
_SMALLEST = np.float32(1e-12)  # in place of the greatest magnitude of weights that are all zero
_ROWS = 16384  # quantized at a time: XLM-R's table has a quarter million
_TRIED = (8 / 7, 1.0, 1.05, 0.95, 0.9, 0.85)
"""Scales that are tried for a block, over the one that makes its greatest magnitude a -8.

Error of all-MiniLM's table over its size with the first alone, the second alone, and the best of all: 0.097, 0.086, 0.083.
"""

_A = TypeVar("_A", bound=np.generic)
_B = TypeVar("_B", bound=np.generic)
_Quantized = tuple[Floats, npt.NDArray[np.float16], npt.NDArray[np.int8]]


def in_8_bits(table: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """The table in int8, (rows, dimension), and a scale for each row, float32 (rows, 1)."""
    return _by_rows(table, _rows_in_8_bits)


def in_4_bits(table: Floats) -> tuple[Int4, npt.NDArray[np.float16]]:
    """The table in int4, and a scale for each `BLOCK` of a row, float16 (rows, dimension / BLOCK)."""
    packed, scales = _by_rows(table, _in_blocks)
    return Int4(packed), scales


def held_twice(rows: int) -> int:
    """How many rows of a whole vocabulary's table are, in 4 bits: at most half of them, for 8 bits are smaller than twice 4.

    A smaller vocabulary has the same rows twice, so that texts that it holds get the same logits.
    """
    return max(-(-rows // _SHARE), min(_FEWEST, rows // 2))


def rest_of_4_bits(table: Floats, frequent: int | None = None) -> Floats:
    """What `in_4_bits` leaves of the first rows, and a row of zeros: float32 (frequent + 1, dimension).

    Vocabularies begin with their most frequent pieces; by default, ``frequent`` is `held_twice`.
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
        # What is cut off must not be a whole step away.
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
    """Rounded as it will be stored, and 1 where that leaves nothing: values as small are 0."""
    rounded = scale.astype(np.float16).astype(np.float32)
    return np.where(rounded == 0, np.float32(1), rounded)


def _by_rows(
    table: Floats, quantize: Callable[[Floats], tuple[npt.NDArray[_A], npt.NDArray[_B]]]
) -> tuple[npt.NDArray[_A], npt.NDArray[_B]]:
    """All rows, without a copy of the whole table in floats."""
    parts = [quantize(table[start : start + _ROWS]) for start in range(0, len(table), _ROWS)]
    return np.concatenate([values for values, _ in parts]), np.concatenate([scale for _, scale in parts])
