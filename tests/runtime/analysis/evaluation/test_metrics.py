"""The metrics beside scikit-learn's, on random answers."""

from typing import Any

import numpy as np
import pytest
from linnet.analysis.evaluation.answers import distinct
from linnet.analysis.evaluation.evaluating import metrics
from linnet.analysis.evaluation.metrics import Cells

reference = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")

CASES = [(2, 1), (2, 40), (3, 7), (3, 500), (5, 12), (12, 300), (40, 60)]


def answers(labels: int, rows: int, seed: int) -> tuple[Any, Any]:
    """Random true and predicted labels; some labels are rare, and in short cases some do not occur."""
    random = np.random.default_rng(seed)
    share = random.dirichlet(np.ones(labels))
    truth = random.choice(labels, size=rows, p=share)
    return truth, np.where(random.random(rows) < 0.6, truth, random.choice(labels, size=rows))


def cells(truth: Any, predicted: Any, labels: int) -> Cells:
    (truths, bests), counts = distinct(truth.astype(np.uint16), predicted.astype(np.uint16))
    return Cells(truths, bests, counts, labels)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("labels", "rows"), CASES)
def test_metrics_are_those_of_scikit_learn(labels: int, rows: int, seed: int) -> None:
    truth, predicted = answers(labels, rows, seed)
    found = metrics(cells(truth, predicted, labels), tuple(map(str, range(labels))))

    def expected(average: str | None, **options: Any) -> list[Any]:
        scores = reference.precision_recall_fscore_support(
            truth, predicted, average=average, zero_division=0, **options
        )
        return list(scores[:3])

    macro = [found.macro_precision.value, found.macro_recall.value, found.macro_f1.value]
    np.testing.assert_allclose(macro, expected("macro"), rtol=1e-12)
    np.testing.assert_allclose(found.weighted_f1.value, expected("weighted")[2], rtol=1e-12)
    np.testing.assert_allclose(found.accuracy.value, reference.accuracy_score(truth, predicted), rtol=1e-12)
    by_label = [[label.precision.value, label.recall.value, label.f1.value] for label in found.labels]
    np.testing.assert_allclose(np.transpose(by_label), expected(None, labels=range(labels)), rtol=1e-12)
    matrix = reference.confusion_matrix(truth, predicted, labels=range(labels))
    assert found.confusion == tuple(map(tuple, matrix.tolist()))
    assert [label.support for label in found.labels] == matrix.sum(1).tolist()
    assert [label.predicted for label in found.labels] == matrix.sum(0).tolist()


@pytest.mark.parametrize(("labels", "rows"), CASES)
def test_a_tally_without_one_row_is_that_of_the_other_rows(labels: int, rows: int) -> None:
    truth, predicted = answers(labels, rows, 0)
    whole = cells(truth, predicted, labels)
    one_less = whole.without_one()
    for index in range(len(whole.counts)):
        fewer = whole.counts - (np.arange(len(whole.counts)) == index)
        expected = whole.tally(fewer)
        np.testing.assert_array_equal(one_less.hits[index], expected.hits)
        np.testing.assert_array_equal(one_less.support[index], expected.support)
        np.testing.assert_array_equal(one_less.predicted[index], expected.predicted)
