"""Thresholds and coverage, beside a plain search."""

from array import array

import numpy as np
import pytest
from linnet.analysis.evaluation.answers import Answers
from linnet.analysis.evaluation.selective import COVERAGES, Targets, Threshold, steps
from linnet.errors import InputError

LABELS = ("a", "b", "c")


def answers(rows: int, seed: int, *, digits: int) -> Answers:
    """Random answers that are right the more often the higher their score; few digits make equal scores."""
    random = np.random.default_rng(seed)
    scores = random.uniform(1 / 3, 1, rows).round(digits).astype(np.float32)
    predicted = random.integers(0, 3, rows)
    truth = np.where(random.random(rows) < scores, predicted, (predicted + 1) % 3)
    return Answers(
        LABELS, 0, range(3), truths=array("H", truth.tolist()), bests=array("H", predicted.tolist()),
        tops=array("f", scores.tolist()),
    )  # fmt: skip


def candidates(found: Answers, label: int) -> list[tuple[float, float, float]]:
    """Every score of a label as a threshold, with the coverage and precision that it gives."""
    mine = found.predicted == label
    rows = []
    for score in np.unique(found.scores[mine]):
        kept = mine & (found.scores >= score)
        rows.append((float(score), float(kept.sum() / mine.sum()), float((found.truth == label)[kept].mean())))
    return rows


@pytest.mark.parametrize("digits", [1, 2, 6])
@pytest.mark.parametrize("value", [0.5, 0.8, 0.95])
def test_thresholds_reach_the_target_with_the_most_rows(value: float, digits: int) -> None:
    found = answers(300, 1, digits=digits)
    for target in ("precision", "coverage"):
        for index, threshold in enumerate(Targets(**{target: value}).thresholds(found).labels):
            options = candidates(found, index)
            if target == "precision":
                fitting = [option for option in options if option[2] >= value]
                expected = min(fitting, default=None)
            else:
                fitting = [option for option in options if option[1] >= value]
                expected = max(fitting, default=None)
            if expected is None:
                assert threshold == Threshold(LABELS[index], None, 0.0, None, 0)
            else:
                assert threshold.precision
                assert (threshold.min_score, threshold.coverage, threshold.precision.value) == expected


def test_thresholds_report_what_all_rows_get() -> None:
    found = answers(300, 2, digits=6)
    chosen = Targets(precision=0.8).thresholds(found)
    least = np.array([each.min_score or np.inf for each in chosen.labels])
    kept = found.scores >= least[found.predicted].astype(np.float32)
    assert chosen.coverage == kept.mean()
    assert chosen.accuracy
    assert chosen.accuracy.value == pytest.approx((found.truth == found.predicted)[kept].mean())


def test_a_label_that_is_never_right_is_never_answered() -> None:
    found = Answers(LABELS, 0, range(3), truths=array("H", [1, 1]), bests=array("H", [0, 0]), tops=array("f", [0.5, 1]))
    chosen = Targets(precision=0.5).thresholds(found)
    assert [each.min_score for each in chosen.labels] == [None, None, None]
    assert (chosen.coverage, chosen.accuracy) == (0.0, None)


@pytest.mark.parametrize("digits", [1, 6])
def test_steps_give_the_accuracy_of_the_surest_rows(digits: int) -> None:
    found = answers(500, 3, digits=digits)
    right = found.truth == found.predicted
    assert steps(found)[0].coverage == 1.0
    assert steps(found)[0].accuracy == pytest.approx(right.mean())
    for step in steps(found):
        kept = found.scores >= np.float32(step.min_score)
        assert step.coverage == kept.mean()
        assert step.accuracy == pytest.approx(right[kept].mean())
    for share in COVERAGES:
        at_least = [step.coverage for step in steps(found) if step.coverage >= share - 1e-9]
        distinct = np.unique(found.scores)
        assert min(at_least) == min(c for s in distinct if (c := (found.scores >= s).mean()) >= share - 1e-9)


def test_targets_are_checked() -> None:
    with pytest.raises(InputError, match="found both"):
        Targets(precision=0.9, coverage=0.9)
    for value in (0.0, 1.01, 95.0, float("nan")):
        with pytest.raises(InputError, match="for 95 %"):
            Targets(precision=value)
