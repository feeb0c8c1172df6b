"""The methods: which words each variant of a text keeps, and what the variants' values say about each word."""

from collections.abc import Iterator, Sequence
from math import comb
from random import Random
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import InputError

Values = npt.NDArray[np.float64]
"""float64 (…, 2): a logit and a score, of one text or of several."""

MOST_EXACT = 12
"""The most words for which Shapley values are exact: 4,096 variants."""

_SEED = 15


class Contributions(NamedTuple):
    """What each word contributes."""

    values: Values
    errors: Values
    """The standard error of each value."""


class Method(Protocol):
    """A way to explain a text."""

    count: int
    """The number of variants, without the text with all words and the text with none."""

    def variants(self) -> Iterator[Sequence[bool]]:
        """Yields which words each variant keeps."""

    def contributions(self, whole: Values, empty: Values, values: Values) -> Contributions:
        """Returns what each word contributes, from the values of the whole text, the empty text, and the variants."""


class LeaveOneOut:
    """A word contributes what is lost when it alone is removed."""

    def __init__(self, words: int) -> None:
        self.count = words

    def variants(self) -> Iterator[Sequence[bool]]:
        """Yields all words but one, for each word."""
        for left_out in range(self.count):
            yield [word != left_out for word in range(self.count)]

    def contributions(self, whole: Values, empty: Values, values: Values) -> Contributions:
        """Returns the differences."""
        found = whole - values
        return Contributions(found, np.zeros_like(found))


class ExactShapley:
    """A word contributes what it adds to the other words, averaged over all orders in which words can be added.

    All 2ⁿ variants of n words are computed, so the values are exact: they add up to the difference between the text
    and the empty text.
    """

    def __init__(self, words: int) -> None:
        self._words, self.count = words, max(0, 2**words - 2)

    def variants(self) -> Iterator[Sequence[bool]]:
        """Yields every choice of words, counted in binary."""
        for number in range(1, self.count + 1):
            yield [bool(number >> word & 1) for word in range(self._words)]

    def contributions(self, whole: Values, empty: Values, values: Values) -> Contributions:
        """Returns the weighted mean of what each word adds to every choice of the others."""
        by_number = np.concatenate([empty[np.newaxis], values, whole[np.newaxis]])
        numbers = np.arange(2**self._words)
        sizes = np.array([int(number).bit_count() for number in numbers])
        weights = np.array([1 / (self._words * comb(self._words - 1, size)) for size in range(self._words)])
        found = np.empty((self._words, 2))
        for word in range(self._words):
            without = numbers[numbers >> word & 1 == 0]
            added = by_number[without | 1 << word] - by_number[without]
            found[word] = weights[sizes[without]] @ added
        return Contributions(found, np.zeros_like(found))


class SampledShapley:
    """Estimates Shapley values from some orders of the words: random ones, drawn with a fixed seed, and their reverses.

    The values add up to the difference between the text and the empty text; each has a standard error of its own.

    Raises:
        InputError: the number of permutations is odd, or less than 4.
    """

    def __init__(self, words: int, permutations: int) -> None:
        if not isinstance(permutations, int) or permutations < 4 or permutations % 2:
            raise InputError(
                f"expected an even number of permutations, at least 4, found {permutations!r}: "
                "each random order is used with its reverse, and the error needs two of them"
            )
        self._words, self._permutations = words, permutations
        self.count = permutations * max(0, words - 1)

    def variants(self) -> Iterator[Sequence[bool]]:
        """Yields for each order its first words, one more at a time."""
        for order in self._orders():
            kept = [False] * self._words
            for word in order[:-1]:
                kept[word] = True
                yield kept.copy()

    def contributions(self, whole: Values, empty: Values, values: Values) -> Contributions:
        """Returns the means over the pairs of orders of what each word adds, and their standard errors."""
        some = values.reshape(self._permutations, self._words - 1, 2)
        added = np.empty((self._permutations, self._words, 2))
        for order, row, between in zip(self._orders(), added, some, strict=True):
            row[order] = np.diff(np.concatenate([empty[np.newaxis], between, whole[np.newaxis]]), axis=0)
        pairs = added.reshape(-1, 2, self._words, 2).mean(axis=1)
        return Contributions(pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)))

    def _orders(self) -> Iterator[list[int]]:
        """Yields the orders, the same ones each time: one by one, because a client may ask for millions."""
        random = Random(_SEED)  # Python promises the same `random()` in every version, numpy does not
        for _ in range(self._permutations // 2):
            order = sorted(range(self._words), key=lambda _: random.random())
            yield order
            yield order[::-1]


def method_of(name: str, words: int, permutations: int) -> Method:
    """Returns the method of a name for a number of words.

    Raises:
        InputError: there is no such method, or its number of permutations cannot be used.
    """
    if name not in METHODS:
        raise InputError(f"expected method to be one of {', '.join(METHODS)}, found {name!r}")
    if name == "leave-one-out":
        return LeaveOneOut(words)
    sampled = SampledShapley(words, permutations)  # checks the permutations, whatever the text
    return ExactShapley(words) if words <= MOST_EXACT else sampled


METHODS = ("leave-one-out", "shapley")
"""The names of the methods."""
