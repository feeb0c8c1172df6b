"""Logits and right labels → a calibration: the temperature, and a bias for each label, with the least log loss.

Temperature scaling is that of Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from ...arrays import Floats
from ...errors import InputError
from ...postprocessing.calibration import GREATEST_BIAS, GREATEST_TEMPERATURE, LEAST_TEMPERATURE, Calibration
from ..folds import Indices
from ..optimizing import Numbers, minimized


def fit(logits: Floats, truths: Indices, labels: Sequence[str], *, bias: bool = False) -> Calibration:
    """Returns the calibration with the least log loss.

    A prior that weighs as much as one text holds it near temperature 1 and bias 0. So it is finite where no text is
    wrong, or a label does not occur.

    Args:
        logits: float32 (n, labels), at least one row.
        truths: int64 (n,), the index of the right label.
        labels: the labels.
        bias: True to fit a bias for each label too.

    Raises:
        InputError: the right labels do not have the higher logits.
    """
    given, count = logits.astype(np.float64), len(labels)
    start = np.append(1.0, np.zeros(count if bias else 0))
    share = (count - 1) / count**2  # p (1 - p) where all labels are as probable
    spread = float(given.var(axis=1).mean())
    curvature = np.append(spread, np.full(len(start) - 1, share)) + 1 / len(truths)
    loss = partial(_loss, logits=given, truths=truths, start=start)
    scale, *shifts = minimized(loss, start, curvature=curvature, tolerance=1e-9).tolist()
    if scale < 1 / GREATEST_TEMPERATURE:
        raise InputError(
            "expected the right labels to have higher scores than the others, found that they do not; "
            "see that the data has the labels of this bundle, and in the right column"
        )
    return Calibration(
        temperature=max(LEAST_TEMPERATURE, 1 / scale),
        bias={
            label: float(np.clip(shift, -GREATEST_BIAS, GREATEST_BIAS))
            for label, shift in zip(labels, shifts, strict=False)
        },
    )


def _loss(point: Numbers, *, logits: Numbers, truths: Indices, start: Numbers) -> tuple[float, Numbers]:
    """Returns the loss at a point, which is 1 / temperature and then any biases, and its gradient."""
    rows, biased = np.arange(len(truths)), len(point) > 1
    scaled = logits * point[0] + (point[1:] if biased else 0.0)
    scaled -= scaled.max(axis=1, keepdims=True)
    powers = np.exp(scaled)
    sums = powers.sum(axis=1)
    prior = point - start
    value = (np.log(sums) - scaled[rows, truths]).sum() + prior @ prior / 2
    powers /= sums[:, np.newaxis]
    powers[rows, truths] -= 1
    slopes = powers.sum(axis=0) if biased else np.empty(0)
    gradient = np.append(np.vdot(powers, logits), slopes) + prior
    return float(value) / len(truths), gradient / len(truths)
