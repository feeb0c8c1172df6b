"""Predictions → what is added to rows, and the lines that people read."""

import shutil
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ...postprocessing.scores import Prediction
from ..formats.aligned import cut, one_line, pad, width_of
from .answers import Answers

Render = Callable[[str, Prediction], str]
"""Renders a text and its prediction as one line, including the line break."""


def prediction_answers(
    labels: tuple[str, ...], *, truncated: bool = False, windows: bool = False
) -> Answers[Prediction]:
    """Returns what is added to a row: label, score, and the score of each label.

    Args:
        labels: the labels.
        truncated: True to add whether the text was truncated.
        windows: True to add the windows to JSON objects.
    """
    further = ("truncated",) if truncated else ()

    def state(found: Prediction) -> list[Any]:
        return [found.truncated] if truncated else []

    def arrays(found: list[Prediction]) -> list[Any]:
        from .parquet import prediction_arrays  # here, because it imports an extra

        return prediction_arrays(found, labels, truncated=truncated)

    def members(found: Prediction) -> list[Any]:
        parts = [[asdict(window) for window in found.windows]] if windows else []
        return [found.label, found.score, found.scores, *state(found), *parts]

    return Answers(
        keys=("label", "score", "scores", *further, *(["windows"] if windows else [])),
        members=members,
        names=("label", "score", *(f"score_{label}" for label in labels), *further),
        cells=lambda found: [found.label or "", found.score, *found.scores.values(), *state(found)],
        arrays=arrays,
    )


def render_plain(text: str, prediction: Prediction) -> str:
    """Returns label, score and text, separated by tabs; control characters in label and text are escaped."""
    return f"{one_line(prediction.label or '')}\t{prediction.score:.4f}\t{one_line(text)}\n"


def render_table(labels: tuple[str, ...]) -> Render:
    """Returns a function that renders aligned rows for a terminal, each without knowing the others."""
    labels = tuple(map(one_line, labels))
    label_width, widths = _label_width(labels), _score_widths(labels)
    text_width = max(20, shutil.get_terminal_size().columns - label_width - sum(widths) - 3)

    def render(text: str, prediction: Prediction) -> str:
        scores = "".join(
            f"{score:>{width}.3f}" for score, width in zip(prediction.scores.values(), widths, strict=True)
        )
        return f"{pad(one_line(prediction.label or ''), label_width)}{scores}  {cut(one_line(text), text_width)}\n"

    return render


def table_header(labels: tuple[str, ...]) -> str:
    """Returns the header of the table whose rows `render_table` renders."""
    labels = tuple(map(one_line, labels))
    columns = "".join(
        " " * (width - width_of(label)) + label for label, width in zip(labels, _score_widths(labels), strict=True)
    )
    return f"{pad('label', _label_width(labels))}{columns}  text\n"


def _label_width(labels: tuple[str, ...]) -> int:
    return max(5, *map(width_of, labels))


def _score_widths(labels: tuple[str, ...]) -> list[int]:
    return [2 + max(5, width_of(label)) for label in labels]
