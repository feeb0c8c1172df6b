"""What an evaluation keeps of each row."""

import tracemalloc

from linnet.analysis.evaluation.answers import Answers
from linnet.analysis.evaluation.evaluating import evaluation
from linnet.analysis.evaluation.examples import Example

LABELS = ("negative", "neutral", "positive")


def peak(rows: int) -> int:
    tracemalloc.start()
    found = Answers(LABELS, 10, range(3))
    for row in range(rows):
        score = 0.4 + 0.6 * (row * 7919 % rows) / rows
        scores = dict.fromkeys(LABELS, (1 - score) / 2) | {LABELS[row % 3]: score}
        found.add(Example(f"the text {row}", row, row * 31 % 7 % 3), scores, truncated=False)
    assert evaluation(found).rows == rows
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_a_row_takes_a_few_bytes_and_its_text_none() -> None:
    """1,000,000 rows may take 48 MB: about a quarter of a RoBERTa-base's memory."""
    peak(10)  # imports what is needed
    assert (peak(25_000) - peak(5_000)) / 20_000 < 48
