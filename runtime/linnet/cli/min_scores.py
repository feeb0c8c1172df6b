"""``--min-score`` → the least score of an answer, for all labels or by label."""

import argparse
from collections.abc import Sequence

from ..errors import InputError
from ..postprocessing.calibration import MinScore
from .formats.arguments import decoded

_NEVER = "never"


def add_min_score(parser: argparse.ArgumentParser, purpose: str) -> None:
    """Adds ``--min-score``; ``purpose`` is the beginning of its help."""
    parser.add_argument(
        "--min-score",
        action="append",
        default=[],
        type=_checked,
        metavar="[LABEL=]SCORE",
        help=f"{purpose}, from 0 to 1 (or never); once for all labels, or once for each",
    )


def min_score_of(given: Sequence[str]) -> MinScore | None:
    """Returns what the arguments say; None if there are none.

    Raises:
        InputError: they contradict each other.
    """
    scores = [_split(value) for value in given]
    by_label = {label: score for label, score in scores if label is not None}
    for_all = [score for label, score in scores if label is None]
    if len(by_label) + bool(for_all) < len(given) or (by_label and for_all):
        raise InputError("--min-score: expected one score for all labels, or one for each label; found several")
    if for_all:
        (score,) = for_all
        if score is None:
            raise InputError(f"--min-score {_NEVER}: name the label that is never to be answered: LABEL={_NEVER}")
        return score
    return by_label or None


def _checked(value: str) -> str:
    """Returns the argument, decoded; it stays a text, so that a run that is resumed can compare it."""
    text = decoded(value, "--min-score")
    try:
        _, number = _split(text)
    except ValueError:
        number = -1.0
    if number is not None and not 0 <= number <= 1:
        label, equals, _ = text.rpartition("=")
        percent = f"; did you mean {label}{equals}{number / 100:g}?" if 2 <= number <= 100 else ""
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, or LABEL=NUMBER, found {value!r}{percent}")
    return text


def _split(value: str) -> tuple[str | None, float | None]:
    label, equals, score = value.rpartition("=")
    return label if equals else None, None if score == _NEVER else float(score)
