"""Predictions → what is added to rows, and the lines that people read."""

import shutil
import unicodedata
from collections.abc import Callable
from typing import Any

from ...postprocessing.scores import Prediction
from .answers import Answers

Render = Callable[[str, Prediction], str]
"""Renders a text and its prediction as one line, including the line break."""


def prediction_answers(labels: tuple[str, ...]) -> Answers[Prediction]:
    """Returns what is added to a row: label, score, and the score of each label."""

    def arrays(found: list[Prediction]) -> list[Any]:
        from .parquet import prediction_arrays  # here, because it imports an extra

        return prediction_arrays(found, labels)

    return Answers(
        keys=("label", "score", "scores"),
        members=lambda found: [found.label, found.score, found.scores],
        names=("label", "score", *(f"score_{label}" for label in labels)),
        cells=lambda found: [found.label, found.score, *found.scores.values()],
        arrays=arrays,
    )


def render_plain(text: str, prediction: Prediction) -> str:
    """Returns label, score and text, separated by tabs; control characters in label and text are escaped."""
    return f"{_one_line(prediction.label)}\t{prediction.score:.4f}\t{_one_line(text)}\n"


def render_table(labels: tuple[str, ...]) -> Render:
    """Returns a function that renders aligned rows for a terminal, each without knowing the others."""
    labels = tuple(map(_one_line, labels))
    label_width, widths = _label_width(labels), _score_widths(labels)
    text_width = max(20, shutil.get_terminal_size().columns - label_width - sum(widths) - 3)

    def render(text: str, prediction: Prediction) -> str:
        scores = "".join(
            f"{score:>{width}.3f}" for score, width in zip(prediction.scores.values(), widths, strict=True)
        )
        return f"{_pad(_one_line(prediction.label), label_width)}{scores}  {_cut(_one_line(text), text_width)}\n"

    return render


def table_header(labels: tuple[str, ...]) -> str:
    """Returns the header of the table whose rows `render_table` renders."""
    labels = tuple(map(_one_line, labels))
    columns = "".join(
        " " * (width - _width(label)) + label for label, width in zip(labels, _score_widths(labels), strict=True)
    )
    return f"{_pad('label', _label_width(labels))}{columns}  text\n"


def _label_width(labels: tuple[str, ...]) -> int:
    return max(5, *map(_width, labels))


def _score_widths(labels: tuple[str, ...]) -> list[int]:
    return [2 + max(5, _width(label)) for label in labels]


def _one_line(text: str) -> str:
    """Escapes control characters, so that the text stays on one line and cannot control the terminal."""
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in text
    )


def _width(text: str) -> int:
    """Returns about how many terminal columns the text takes."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while _width(text) >= width:
        text = text[: min(len(text) - 1, width)]
    return text + "…"
