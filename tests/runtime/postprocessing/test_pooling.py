import math

import numpy as np
import numpy.typing as npt
import pytest
from linnet.bundle import settings as bundle
from linnet.postprocessing.pooling import POOLINGS, normalized

VECTORS = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)


def by_hand(kind: str, rows: npt.NDArray[np.float32]) -> list[float]:
    """One text's vector in plain floats, a dimension at a time."""
    columns = [[float(value) for value in column] for column in rows.T]
    if kind == "mean":
        return [math.fsum(column) / len(column) for column in columns]
    return [column[0] if kind == "cls" else max(column) for column in columns]


@pytest.mark.parametrize("length", [1, 2, 7])
@pytest.mark.parametrize("kind", ["mean", "cls", "max"])
def test_a_pooling_is_of_every_token(kind: str, length: int) -> None:
    pooled = POOLINGS[kind](VECTORS[:length])
    assert (pooled.dtype, pooled.shape) == (np.dtype(np.float32), (5,))
    np.testing.assert_allclose(pooled, by_hand(kind, VECTORS[:length]), atol=1e-6)


@pytest.mark.parametrize("kind", ["mean", "cls", "max"])
def test_a_pooled_vector_keeps_no_batch_in_memory(kind: str) -> None:
    assert POOLINGS[kind](VECTORS).base is None


def test_the_greatest_of_negative_values_is_negative() -> None:
    np.testing.assert_array_equal(POOLINGS["max"](-np.ones((2, 3), dtype=np.float32)), [-1, -1, -1])


def test_the_poolings_differ() -> None:
    mean, first, greatest = (POOLINGS[kind](VECTORS[:3]) for kind in ("mean", "cls", "max"))
    assert not np.allclose(mean, first)
    assert not np.allclose(first, greatest)
    assert (greatest >= mean).all()


def test_a_normalized_vector_has_length_one_and_its_direction() -> None:
    for row in VECTORS * np.float32(1e3):
        found = normalized(row)
        assert found.dtype == np.float32
        assert math.hypot(*map(float, found)) == pytest.approx(1, abs=1e-6)
        np.testing.assert_allclose(found * math.hypot(*map(float, row)), row, rtol=1e-5)


def test_a_vector_of_zeros_stays_as_it_is() -> None:
    np.testing.assert_array_equal(normalized(np.zeros(3, dtype=np.float32)), [0, 0, 0])


def test_a_bundle_may_name_every_pooling() -> None:
    assert tuple(POOLINGS) == bundle.POOLINGS
