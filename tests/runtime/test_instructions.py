"""Whether 8-bit products saturate, with processors made up in NumPy; `tests/parity/test_isa.py` has emulated ones."""

import numpy as np
import numpy.typing as npt
from linnet.instructions import PROBE, saturates

Rows = npt.NDArray[np.uint8]
Sums = npt.NDArray[np.int32]


def columns(graph: bytes) -> npt.NDArray[np.int32]:
    assert graph.count(b"\x7f" * 64 * 32) == 1
    return np.full((64, 32), 127, dtype=np.int32)


def in_32_bits(graph: bytes, rows: Rows) -> Sums:
    assert rows.dtype == np.uint8
    return rows.astype(np.int32) @ columns(graph)


def in_16_bits(graph: bytes, rows: Rows) -> Sums:
    """As x86's ``pmaddubsw``: neighbours are added, and what is beyond an int16 is cut off."""
    products = rows.astype(np.int32)[:, :, None] * columns(graph)[None]
    pairs = products.reshape(len(rows), 32, 2, 32).sum(axis=2)
    return np.clip(pairs, -(2**15), 2**15 - 1).sum(axis=1, dtype=np.int32)


def one_column_in_16_bits(graph: bytes, rows: Rows) -> Sums:
    """A kernel whose last column goes another way than the rest."""
    sums = in_32_bits(graph, rows)
    sums[:, -1] = in_16_bits(graph, rows)[:, -1]
    return sums


def test_sums_in_32_bits_do_not_saturate() -> None:
    assert not saturates(in_32_bits)


def test_sums_in_16_bits_do() -> None:
    assert saturates(in_16_bits)


def test_one_that_does_is_enough() -> None:
    assert saturates(one_column_in_16_bits)


def test_the_probe_is_small() -> None:
    assert len(PROBE) < 2500
