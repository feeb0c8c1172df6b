"""A classifier, texts and their labels → a calibration, judged by cross-validation, and the bundle that has it."""

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from ...arrays import Floats
from ...bundle.calibration import calibration_as_json
from ...bundle.deriving import Changes
from ...bundle.opening import Bundle
from ...errors import InputError
from ...postprocessing.calibration import Calibration
from ...postprocessing.scores import Head
from ..folds import FOLDS, Indices, folds_of
from .fitting import fit
from .quality import Quality, quality

LEAST_TEXTS = 50
"""The fewest texts to calibrate with: with fewer, the figures of the cross-validation say little."""


@dataclass(frozen=True)
class Calibrated:
    """A calibration, and how good the scores are before and after it."""

    calibration: Calibration
    """The calibration that was fitted on all texts."""
    before: Quality
    """The scores as they are."""
    after: Quality
    """The scores of each text with a calibration that was fitted without it."""
    texts: int
    """How many texts there are."""


def calibrate(
    head: Head, logits: Floats, truths: Indices, texts: Sequence[Hashable], *, bias: bool = False
) -> Calibrated:
    """Fits a calibration for the logits of a head.

    Args:
        head: the head as it is.
        logits: float32 (n, labels).
        truths: int64 (n,), the index of each text's right label.
        texts: the texts, so that equal ones are judged together.
        bias: True to fit a bias for each label too; the label can then be another.

    Raises:
        InputError: there are too few texts, or the right labels do not have the higher scores.
    """
    if (distinct := len(set(texts))) < LEAST_TEXTS:
        raise InputError(
            f"expected at least {LEAST_TEXTS} different texts with labels, found {distinct}; add labelled texts"
        )
    folds, scores = folds_of(texts, truths), np.empty_like(logits)
    for fold in range(FOLDS):
        out = folds == fold
        if out.any():
            found = fit(logits[~out], truths[~out], head.labels, bias=bias)
            scores[out] = replace(head, calibration=found).scores(logits[out])
    return Calibrated(
        calibration=fit(logits, truths, head.labels, bias=bias),
        before=quality(head.scores(logits), truths),
        after=quality(scores, truths),
        texts=len(truths),
    )


def changes_of(bundle: Bundle, calibration: Calibration, found: Calibrated | None = None) -> Changes:
    """Returns what is different in the bundle with a calibration; ``found`` has the figures if it was fitted."""
    figures: dict[str, object] = {"calibration": calibration_as_json(calibration)}
    if found:
        figures |= {"texts": found.texts, "folds": FOLDS, "before": asdict(found.before), "after": asdict(found.after)}
    return Changes(
        command="calibrate",
        settings=replace(bundle.settings, calibration=calibration),
        figures=figures,
        title="Calibrated",
        card=_card(calibration, found),
    )


def _card(calibration: Calibration, found: Calibrated | None) -> str:
    parts = [f"The scores are those of `logits / {calibration.temperature:.4g}`"]
    if calibration.bias:
        parts.append(" plus " + ", ".join(f"{value:+.3f} for {label}" for label, value in calibration.bias.items()))
    parts.append("; the logits are the original's.")
    if calibration.thresholds:
        parts.append(" Least score of an answer: " + ", ".join(map(_threshold, calibration.thresholds.items())) + ".")
    if found:
        parts.append(
            f" Measured on {found.texts:,} texts, after by {FOLDS}-fold cross-validation:\n\n"
            "| measure | before | after |\n|---|---|---|\n"
        )
        parts.append("\n".join(f"| {name} | {before} | {after} |" for name, before, after in rows_of(found)))
    return "".join(parts)


def rows_of(found: Calibrated) -> list[tuple[str, str, str]]:
    """Returns each measure by name, before and after, as a reader is shown them."""
    before, after = found.before, found.after
    return [
        ("expected calibration error", f"{before.calibration_error:.4f}", f"{after.calibration_error:.4f}"),
        ("negative log likelihood", f"{before.log_loss:.4f}", f"{after.log_loss:.4f}"),
        ("Brier score", f"{before.brier:.4f}", f"{after.brier:.4f}"),
        ("accuracy", f"{before.accuracy:.1%}", f"{after.accuracy:.1%}"),
    ]


def _threshold(entry: tuple[str, float | None]) -> str:
    label, score = entry
    return f"{label} never" if score is None else f"{label} {score:.4g}"
