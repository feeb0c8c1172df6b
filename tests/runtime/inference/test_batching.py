from collections import Counter
from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from linnet.inference.batching import TOKEN_BUDGET, Batch, batches

IDS = st.lists(st.lists(st.integers(0, 250_001), max_size=12), max_size=40)
BUDGETS = st.integers(1, 60)


def batched(ids: list[list[int]], budget: int = TOKEN_BUDGET) -> list[Batch]:
    return list(batches(ids, token_budget=budget))


@given(IDS, BUDGETS)
def test_every_row_is_in_one_batch_once(ids: list[list[int]], budget: int) -> None:
    rows = [row for batch in batched(ids, budget) for row in batch.rows.tolist()]
    assert sorted(rows) == list(range(len(ids)))


@settings(max_examples=300)
@given(IDS, BUDGETS)
def test_a_row_is_its_ids_and_nothing_else(ids: list[list[int]], budget: int) -> None:
    for batch in batched(ids, budget):
        assert batch.input_ids.shape[0] == len(batch.rows)
        for row, found in zip(batch.rows.tolist(), batch.input_ids, strict=True):
            assert found.tolist() == ids[row]


@given(IDS, BUDGETS)
def test_the_budget_is_kept_unless_a_batch_is_one_text(ids: list[list[int]], budget: int) -> None:
    for batch in batched(ids, budget):
        assert len(batch.rows) == 1 or batch.input_ids.size <= budget


@given(IDS, BUDGETS)
def test_of_each_length_all_batches_but_the_last_are_full(ids: list[list[int]], budget: int) -> None:
    found = batched(ids, budget)
    lengths = [batch.input_ids.shape[1] for batch in found]
    for index, batch in enumerate(found):
        if lengths[index] in lengths[index + 1 :]:
            assert (len(batch.rows) + 1) * lengths[index] > budget


@given(IDS, BUDGETS)
def test_what_fills_no_batch_comes_last_and_the_longest_first(ids: list[list[int]], budget: int) -> None:
    found = batched(ids, budget)
    full = [(len(batch.rows) + 1) * batch.input_ids.shape[1] > budget for batch in found]
    assert full == sorted(full, reverse=True)
    rest = [batch.input_ids.shape[1] for batch, whole in zip(found, full, strict=True) if not whole]
    assert rest == sorted(rest, reverse=True)
    assert max(Counter(rest).values(), default=1) == 1


@given(IDS, BUDGETS)
def test_everything_is_int64(ids: list[list[int]], budget: int) -> None:
    for batch in batched(ids, budget):
        assert batch.rows.dtype == batch.input_ids.dtype == np.int64


def test_texts_of_one_length_keep_their_order() -> None:
    (batch,) = batched([[5, 6], [7, 8], [9, 10]])
    assert batch.rows.tolist() == [0, 1, 2]


def test_a_full_batch_waits_for_no_more_texts() -> None:
    read = 0

    def texts() -> Iterator[list[int]]:
        nonlocal read
        while True:
            read += 1
            yield [1, 2, 3]

    first = next(batches(texts(), token_budget=11))
    assert (first.input_ids.shape, read) == ((3, 3), 3)


def test_no_texts_are_no_batches() -> None:
    assert batched([]) == []
