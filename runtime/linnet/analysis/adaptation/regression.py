"""Features and labels → a linear head: multinomial logistic regression."""

from dataclasses import dataclass

import numpy as np

from ...arrays import Floats
from ..folds import Indices
from ..optimizing import Numbers, minimized

PENALTIES: tuple[float, ...] = tuple(float(10**power) for power in np.arange(1.0, -4.1, -0.5))
"""The penalties on the squared weights that are tried, the greatest first."""

_PATIENCE = 2  # penalties that may be worse than the best before the search ends
_ROUGH, _EXACT = 1e-3, 1e-6  # tolerances while penalties are compared, and for the head itself


@dataclass(frozen=True, eq=False)
class Head:
    """A linear head: the logits are ``features @ weights.T + bias``."""

    weights: Floats
    """float32 (labels, features)."""
    bias: Floats
    """float32 (labels,)."""


@dataclass(frozen=True, eq=False)
class Rotated:
    """Features in the axes of their variance, where a regression needs few steps; the penalty means the same there."""

    values: Numbers
    """float64 (n, axes), with a mean of 0 over all rows."""
    variances: Numbers
    """float64 (axes,)."""
    axes: Numbers
    """float64 (features, axes): what features are multiplied by, once ``mean`` is subtracted."""
    mean: Numbers
    """float64 (features,)."""


def rotated(features: Floats) -> Rotated:
    """Returns features in the axes of their variance, scaled so that the mean variance of a feature is 1."""
    mean = features.mean(axis=0, dtype=np.float64)
    centred = features - mean
    variances, axes = np.linalg.eigh(centred.T @ centred / len(features))
    kept = variances > variances[-1] * 1e-10
    scale = np.sqrt(variances.mean()) or 1.0
    axes = axes[:, kept] / scale
    return Rotated(centred @ axes, variances[kept] / scale**2, axes, mean)


@dataclass(frozen=True, eq=False)
class Judged:
    """How heads answer for texts that they were not fitted on."""

    penalty: float
    """The penalty with the least mean loss."""
    probabilities: Numbers
    """float64 (n, labels): each by a head that did not see the text, with a penalty that was chosen without it."""


def cross_validated(found: Rotated, truths: Indices, folds: Indices, labels: int) -> Judged:
    """Returns how heads answer for each fold that are fitted on the others, and the penalty that is best."""
    count = int(folds.max()) + 1
    starts = [np.zeros((labels, found.values.shape[1] + 1))] * count
    losses, answers = list[Numbers](), list[Numbers]()
    for penalty in PENALTIES:
        probabilities = np.empty((len(truths), labels))
        for fold in range(count):
            out = folds == fold
            starts[fold] = _fitted(found, found.values[~out], truths[~out], penalty, starts[fold], _ROUGH)
            probabilities[out] = _softmax(_logits(starts[fold], found.values[out]))
        right = probabilities[np.arange(len(truths)), truths]
        losses.append(np.bincount(folds, -np.log(np.maximum(right, 1e-300)), minlength=count).astype(np.float64))
        answers.append(probabilities)
        if len(losses) - 1 - int(np.argmin([loss.sum() for loss in losses])) >= _PATIENCE:
            break
    table = np.array(losses)  # (penalties, folds)
    chosen = np.argmin(table.sum(axis=1)[:, np.newaxis] - table, axis=0)  # for each fold, by the others
    return Judged(
        penalty=PENALTIES[int(np.argmin(table.sum(axis=1)))],
        probabilities=np.stack(answers)[chosen[folds], np.arange(len(truths))],
    )


def fitted(found: Rotated, truths: Indices, labels: int, penalty: float) -> Head:
    """Returns the head that is best for all texts with a penalty."""
    start = np.zeros((labels, found.values.shape[1] + 1))
    parameters = _fitted(found, found.values, truths, penalty, start, _EXACT)
    weights = parameters[:, :-1] @ found.axes.T
    bias = parameters[:, -1] - weights @ found.mean
    return Head(weights.astype(np.float32), bias.astype(np.float32))


def _fitted(
    found: Rotated, values: Numbers, truths: Indices, penalty: float, start: Numbers, tolerance: float
) -> Numbers:
    """Returns the weights and, in the last column, the bias of each label: float64 (labels, axes + 1)."""
    rows, labels = np.arange(len(values)), len(start)

    def loss(point: Numbers) -> tuple[float, Numbers]:
        parameters = point.reshape(start.shape)
        logits = _logits(parameters, values)
        logits -= logits.max(axis=1, keepdims=True)
        powers = np.exp(logits)
        sums = powers.sum(axis=1)
        value = float((np.log(sums) - logits[rows, truths]).mean())
        powers /= sums[:, np.newaxis]
        powers[rows, truths] -= 1
        powers /= len(values)
        gradient = np.empty_like(parameters)
        np.matmul(powers.T, values, out=gradient[:, :-1])
        gradient[:, -1] = powers.sum(axis=0)
        gradient[:, :-1] += penalty * parameters[:, :-1]
        return value + penalty / 2 * float(np.square(parameters[:, :-1]).sum()), gradient.ravel()

    share = (labels - 1) / labels**2  # p (1 - p) where all labels are as probable
    curvature = np.append(share * found.variances + penalty, share)
    point = minimized(loss, start.ravel(), curvature=np.tile(curvature, labels), tolerance=tolerance)
    return point.reshape(start.shape)


def _logits(parameters: Numbers, values: Numbers) -> Numbers:
    logits: Numbers = values @ parameters[:, :-1].T + parameters[:, -1]
    return logits


def _softmax(logits: Numbers) -> Numbers:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Numbers = powers / powers.sum(axis=1, keepdims=True)
    return probabilities
