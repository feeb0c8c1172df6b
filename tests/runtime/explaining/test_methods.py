"""The methods on games with known answers: a game gives each choice of words a logit and a score."""

import tracemalloc
from collections.abc import Callable, Sequence
from itertools import islice, permutations

import numpy as np
import numpy.typing as npt
import pytest
from linnet.errors import InputError
from linnet.explaining.methods import (
    MOST_EXACT,
    Contributions,
    ExactShapley,
    LeaveOneOut,
    Method,
    SampledShapley,
    method_of,
)

Array = npt.NDArray[np.float64]
Game = Callable[[Sequence[bool]], Array]


def random_game(words: int, seed: int = 0) -> Game:
    values = np.random.default_rng(seed).normal(size=(2**words, 2))
    return lambda kept: values[sum(keep << word for word, keep in enumerate(kept))]


def additive_game(weights: Array) -> Game:
    return lambda kept: np.array([1, 0.5]) + weights[list(map(bool, kept))].sum(axis=0)


def played(method: Method, game: Game, words: int) -> Contributions:
    variants = list(method.variants())
    assert len(variants) == method.count
    values = np.array([game(kept) for kept in variants]).reshape(-1, 2)
    return method.contributions(game([True] * words), game([False] * words), values)


def by_all_orders(game: Game, words: int) -> Array:
    """The definition: the mean over all orders of what a word adds to those before it."""
    found = np.zeros((words, 2))
    orders = list(permutations(range(words)))
    for order in orders:
        kept = [False] * words
        for word in order:
            before = game(kept)
            kept[word] = True
            found[word] += game(kept) - before
    return found / len(orders)


@pytest.mark.parametrize("words", range(7))
def test_exact_shapley_values_are_those_of_the_definition(words: int) -> None:
    game = random_game(words, words)
    found = played(ExactShapley(words), game, words)
    np.testing.assert_allclose(found.values, by_all_orders(game, words), atol=1e-12)
    assert not found.errors.any()


@pytest.mark.parametrize("words", [1, 2, 5, 12, 13, 20])
def test_words_that_add_up_contribute_their_weights_by_every_method(words: int) -> None:
    weights = np.random.default_rng(words).normal(size=(words, 2))
    methods: list[Method] = [LeaveOneOut(words), SampledShapley(words, 4)]
    for method in [*methods, ExactShapley(words)] if words <= MOST_EXACT else methods:
        found = played(method, additive_game(weights), words)
        np.testing.assert_allclose(found.values, weights, atol=1e-12)
        np.testing.assert_allclose(found.errors, 0, atol=1e-12)


def test_leaving_a_word_out_compares_with_the_whole_text() -> None:
    game = random_game(4)
    found = played(LeaveOneOut(4), game, 4).values
    for word in range(4):
        assert np.array_equal(found[word], game([True] * 4) - game([other != word for other in range(4)]))


def test_sampled_values_add_up_whatever_the_sample() -> None:
    game = random_game(9)
    found = played(SampledShapley(9, 4), game, 9)
    np.testing.assert_allclose(found.values.sum(axis=0), game([True] * 9) - game([False] * 9), atol=1e-12)


def test_the_stated_errors_are_those_that_the_samples_have() -> None:
    """Over 200 games, the standardised deviations have the spread of Student's t with as many pairs: about 1.03."""
    deviations = []
    for seed in range(200):
        game = random_game(6, seed)
        found, exact = played(SampledShapley(6, 64), game, 6), played(ExactShapley(6), game, 6)
        deviations.append((found.values - exact.values) / found.errors)
    spread = float(np.sqrt(np.square(deviations).mean()))
    assert 0.9 < spread < 1.2


def test_more_orders_make_the_errors_smaller_by_their_square_root() -> None:
    game = random_game(8)
    few, many = (played(SampledShapley(8, count), game, 8).errors.mean() for count in (64, 1024))
    assert few / many == pytest.approx(4, rel=0.2)


def test_samples_are_the_same_every_time() -> None:
    assert list(SampledShapley(20, 8).variants()) == list(SampledShapley(20, 8).variants())


@pytest.mark.parametrize("words", [2, 20])
def test_orders_are_drawn_one_by_one(words: int) -> None:
    tracemalloc.start()
    try:
        found = [*islice(method_of("shapley", words, 10**12).variants(), 1000)]
        assert len(found) == (2 if words == 2 else 1000) and tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_shapley_values_are_exact_up_to_twelve_words() -> None:
    assert isinstance(method_of("shapley", 12, 64), ExactShapley)
    assert isinstance(method_of("shapley", 13, 64), SampledShapley)
    assert isinstance(method_of("leave-one-out", 13, 64), LeaveOneOut)


@pytest.mark.parametrize("count", [0, 2, 5, -4, 2.5])
def test_orders_that_have_no_error_are_refused(count: int) -> None:
    with pytest.raises(InputError, match="expected an even number of permutations, at least 4, found"):
        method_of("shapley", 3, count)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(InputError, match="expected method to be one of leave-one-out, shapley, found 'lime'"):
        method_of("lime", 3, 64)
