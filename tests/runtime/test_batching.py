import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from linnet.batching import TOKEN_BUDGET, Batch, batches

IDS = st.lists(st.lists(st.integers(0, 250_001), max_size=40), max_size=40)
BUDGETS = st.integers(1, 200)
PADS = st.integers(0, 3)


def batched(ids: list[list[int]], pad: int = 1, budget: int = TOKEN_BUDGET) -> list[Batch]:
    return list(batches(ids, pad_token_id=pad, token_budget=budget))


@given(IDS, BUDGETS)
def test_every_row_is_in_one_batch_once(ids: list[list[int]], budget: int) -> None:
    rows = [row for batch in batched(ids, budget=budget) for row in batch.rows.tolist()]
    assert sorted(rows) == list(range(len(ids)))


@given(IDS, BUDGETS)
def test_the_longest_come_first(ids: list[list[int]], budget: int) -> None:
    lengths = [len(ids[row]) for batch in batched(ids, budget=budget) for row in batch.rows.tolist()]
    assert lengths == sorted(lengths, reverse=True)


@settings(max_examples=300)
@given(IDS, PADS, BUDGETS)
def test_a_row_is_its_ids_then_padding_and_the_mask_says_which(ids: list[list[int]], pad: int, budget: int) -> None:
    for batch in batched(ids, pad, budget):
        width = max(len(ids[row]) for row in batch.rows.tolist())
        assert batch.input_ids.shape == batch.attention_mask.shape == (len(batch.rows), width)
        for row, found, mask in zip(batch.rows.tolist(), batch.input_ids, batch.attention_mask, strict=True):
            padding = width - len(ids[row])
            assert found.tolist() == ids[row] + [pad] * padding
            assert mask.tolist() == [1] * len(ids[row]) + [0] * padding


@given(IDS, BUDGETS)
def test_the_budget_is_kept_unless_a_batch_is_one_text(ids: list[list[int]], budget: int) -> None:
    for batch in batched(ids, budget=budget):
        assert len(batch.rows) == 1 or batch.input_ids.size <= budget


@given(IDS, BUDGETS)
def test_batches_are_as_full_as_the_budget_lets_them_be(ids: list[list[int]], budget: int) -> None:
    for batch in batched(ids, budget=budget)[:-1]:
        assert (len(batch.rows) + 1) * batch.input_ids.shape[1] > budget or batch.input_ids.shape[1] == 0


@given(IDS, BUDGETS)
def test_everything_is_int64(ids: list[list[int]], budget: int) -> None:
    for batch in batched(ids, budget=budget):
        assert batch.rows.dtype == batch.input_ids.dtype == batch.attention_mask.dtype == np.int64


def test_texts_of_one_length_keep_their_order() -> None:
    (batch,) = batched([[5, 6], [7, 8], [9, 10]])
    assert batch.rows.tolist() == [0, 1, 2]


def test_no_texts_are_no_batches() -> None:
    assert batched([]) == []
