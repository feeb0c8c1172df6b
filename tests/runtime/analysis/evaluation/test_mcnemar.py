from fractions import Fraction
from math import comb

import pytest
from linnet.analysis.evaluation.comparing import mcnemar


def exact(first: int, second: int) -> float:
    throws = first + second
    tail = sum(comb(throws, count) for count in range(min(first, second) + 1))
    return float(min(Fraction(1), Fraction(2 * tail, 2**throws)))


@pytest.mark.parametrize("throws", [0, 1, 2, 3, 10, 25, 101, 1000])
def test_the_p_value_is_the_binomials(throws: int) -> None:
    for first in range(0, throws + 1, max(1, throws // 20)):
        assert mcnemar(first, throws - first) == pytest.approx(exact(first, throws - first), rel=1e-10)


def test_large_counts_are_computed_too() -> None:
    assert mcnemar(500_000, 500_000) == 1.0
    assert mcnemar(499_000, 501_000) == pytest.approx(0.0456, abs=2e-4)  # two standard deviations
    assert mcnemar(0, 1_000_000) == 0.0
