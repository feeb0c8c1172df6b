"""Renders predictions as the rows that the command line prints or writes."""

import io
import json
import shutil
from collections.abc import Callable

from ...postprocessing.scores import Prediction
from .aligned import cut, one_line, pad, width_of

WRITABLE = (".jsonl", ".csv", ".tsv", ".txt")

Render = Callable[[str, Prediction], str]
"""Renders a text and its prediction as one line, including the line break."""


def render_json(text: str, prediction: Prediction) -> str:
    """Returns one JSON object: ``{"text", "label", "score", "scores"}``."""
    row = {"text": text, "label": prediction.label, "score": prediction.score, "scores": prediction.scores}
    return json.dumps(row, ensure_ascii=False) + "\n"


def render_plain(text: str, prediction: Prediction) -> str:
    """Returns label, score and text, separated by tabs; control characters in label and text are escaped."""
    return f"{one_line(prediction.label)}\t{prediction.score:.4f}\t{one_line(text)}\n"


def render_csv(text: str, prediction: Prediction) -> str:
    """Returns a row of a CSV file: text, label, score, then the score of each label."""
    return _csv_row(_fields(text, prediction))


def csv_header(labels: tuple[str, ...]) -> str:
    """Returns the first row of a CSV file."""
    return _csv_row(_names(labels))


def render_tsv(text: str, prediction: Prediction) -> str:
    """Returns the fields of `render_csv` as a row of a TSV file; tabs and line breaks in them become spaces."""
    return _tsv_row(_fields(text, prediction))


def tsv_header(labels: tuple[str, ...]) -> str:
    """Returns the first row of a TSV file."""
    return _tsv_row(_names(labels))


def _names(labels: tuple[str, ...]) -> list[object]:
    return ["text", "label", "score", *(f"score_{label}" for label in labels)]


def _fields(text: str, prediction: Prediction) -> list[object]:
    return [text, prediction.label, prediction.score, *prediction.scores.values()]


def render_table(labels: tuple[str, ...]) -> Render:
    """Returns a function that renders aligned rows for a terminal, each without knowing the others."""
    labels = tuple(map(one_line, labels))
    label_width, widths = _label_width(labels), _score_widths(labels)
    text_width = max(20, shutil.get_terminal_size().columns - label_width - sum(widths) - 3)

    def render(text: str, prediction: Prediction) -> str:
        scores = "".join(
            f"{score:>{width}.3f}" for score, width in zip(prediction.scores.values(), widths, strict=True)
        )
        return f"{pad(one_line(prediction.label), label_width)}{scores}  {cut(one_line(text), text_width)}\n"

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


def _csv_row(fields: list[object]) -> str:
    import csv  # here, so that other outputs start faster

    row = io.StringIO()
    csv.writer(row, lineterminator="\r\n").writerow(fields)  # quotes a lone \r too
    return row.getvalue().removesuffix("\r\n") + "\n"


_SPACES = str.maketrans("\t\n\r", "   ")


def _tsv_row(fields: list[object]) -> str:
    """Returns fields separated by tabs. TSV has no quotes and no escapes: quotes and backslashes are text."""
    return "\t".join(str(field).translate(_SPACES) for field in fields) + "\n"
