"""Whether a model gives a text the same bits whatever else it is asked: for the tests."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import linnet
import numpy as np

Ask = Callable[[linnet.Classifier | linnet.Embedder, list[str]], list[Any]]
"""Texts → one answer each, of numbers that are to be the same bits."""


def logits(model: Any, texts: list[str]) -> list[Any]:
    return list(model.logits(texts))


def predictions(model: Any, texts: list[str]) -> list[Any]:
    return [tuple(found.scores.values()) for found in model(texts)]


def streamed_predictions(model: Any, texts: list[str]) -> list[Any]:
    return [tuple(found.scores.values()) for found in model.stream(iter(texts))]


def vectors(model: Any, texts: list[str]) -> list[Any]:
    return list(model(texts))


def streamed_vectors(model: Any, texts: list[str]) -> list[Any]:
    return list(model.stream(iter(texts)))


def tokens(model: Any, texts: list[str]) -> list[Any]:
    return [found.vectors for found in model.tokens(texts)]


def words(model: Any, texts: list[str]) -> list[Any]:
    return [found.vectors for found in model.words(texts)]


def of_every_length(longest: int, each: int = 3) -> list[str]:
    """Texts of many lengths in no order, ``each`` with the same words in it, and the odd ones."""
    chance = random.Random(longest)
    vocabulary = ["good", "bad", "the", "bridge", "love", "@me", "http://x.y", "🎉", "天気", "unbelievable", "ärger"]
    texts = [" ".join(chance.choices(vocabulary, k=count)) for count in range(longest) for _ in range(each)]
    texts += ["", " ", "\n", "word " * 700, "good", "good"]
    chance.shuffle(texts)
    return texts


def assert_same_bits(ask: Ask, one: Any, two: Any, texts: list[str]) -> None:
    """Alone, in batches, in any order, beside others of its length, on one thread, on two, and from four at once.

    ``one`` and ``two`` are the same bundle loaded with that many threads.
    """
    alone = [_bits(ask(one, [text]))[0] for text in texts]
    assert len(set(alone)) > len(set(texts)) // 2  # else they tell nothing
    order = list(range(len(texts)))
    random.Random(0).shuffle(order)
    for model in (one, two):
        assert _bits(ask(model, texts)) == alone
        assert _bits(ask(model, texts[::-1])) == alone[::-1]
        assert _bits(ask(model, [texts[row] for row in order])) == [alone[row] for row in order]
        assert [_bits(ask(model, [text]))[0] for text in texts] == alone
        assert _bits(ask(model, 5 * texts)) == 5 * alone
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda _: _bits(ask(model, texts)), range(4))) == 4 * [alone]  # noqa: B023


def _bits(answers: list[Any]) -> list[bytes]:
    return [np.asarray(answer).tobytes() for answer in answers]
