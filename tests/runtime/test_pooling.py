import math

import numpy as np
import numpy.typing as npt
import pytest
from linnet.pooling import POOLINGS, normalized

VECTORS = np.random.default_rng(0).normal(size=(4, 7, 5)).astype(np.float32)
LENGTHS = [7, 3, 1, 2]
MASK = np.array([[1] * length + [0] * (7 - length) for length in LENGTHS], dtype=np.int64)


def by_hand(kind: str, rows: npt.NDArray[np.float32]) -> list[float]:
    """One text's vector in plain floats, a dimension at a time."""
    columns = [[float(value) for value in column] for column in rows.T]
    if kind == "mean":
        return [math.fsum(column) / len(column) for column in columns]
    return [column[0] if kind == "cls" else max(column) for column in columns]


@pytest.mark.parametrize("kind", ["mean", "cls", "max"])
def test_a_pooling_sees_the_tokens_and_no_padding(kind: str) -> None:
    expected = [by_hand(kind, VECTORS[row, :length]) for row, length in enumerate(LENGTHS)]
    pooled = POOLINGS[kind](VECTORS, MASK)
    assert pooled.dtype == np.float32
    assert pooled.shape == (4, 5)
    np.testing.assert_allclose(pooled, expected, atol=1e-6)
    loud = np.where(MASK[..., np.newaxis] > 0, VECTORS, np.float32(1e6))
    np.testing.assert_array_equal(POOLINGS[kind](loud, MASK), pooled)


def test_the_greatest_of_negative_values_is_not_the_padding() -> None:
    pooled = POOLINGS["max"](-np.ones((1, 3, 2), dtype=np.float32), np.array([[1, 1, 0]]))
    np.testing.assert_array_equal(pooled, [[-1, -1]])


def test_the_poolings_differ() -> None:
    mean, first, greatest = (POOLINGS[kind](VECTORS[:2], MASK[:2]) for kind in ("mean", "cls", "max"))
    assert not np.allclose(mean, first)
    assert not np.allclose(first, greatest)
    assert (greatest >= mean).all()


def test_a_normalized_row_has_length_one_and_its_direction() -> None:
    rows = VECTORS[0] * np.float32(1e3)
    found = normalized(rows)
    assert found.dtype == np.float32
    np.testing.assert_allclose([math.hypot(*map(float, row)) for row in found], 1, atol=1e-6)
    for row, original in zip(found, rows, strict=True):
        np.testing.assert_allclose(row * math.hypot(*map(float, original)), original, rtol=1e-5)


def test_a_row_of_nothing_stays_as_it_is() -> None:
    rows = np.array([[0, 0], [3, 4]], dtype=np.float32)
    np.testing.assert_allclose(normalized(rows), [[0, 0], [0.6, 0.8]], atol=1e-7)
