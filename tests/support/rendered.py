"""A text and its answer as the command line writes them."""

from typing import Any

from linnet.cli.formats.rows import Row
from linnet.cli.outputs import forms
from linnet.cli.outputs.columns import Kept
from linnet.cli.outputs.predictions import prediction_answers
from linnet.cli.outputs.vectors import vector_answers
from linnet.cli.text_arguments import GivenTexts
from linnet.postprocessing.scores import Prediction
from linnet.postprocessing.words import TokenEmbeddings


def _form(kind: str, labels: tuple[str, ...]) -> forms.Form:
    kept, answers = Kept(GivenTexts([]), None), prediction_answers(labels)
    if kind == "jsonl":
        return forms.json_form(kept, answers)
    return forms.csv_form(kept, answers) if kind == "csv" else forms.tsv_form(kept, answers)


def header(kind: str, labels: tuple[str, ...]) -> str:
    return _form(kind, labels).header


def rendered(kind: str, text: str, prediction: Prediction) -> str:
    return _form(kind, tuple(prediction.scores)).render(Row(1, text, (text,)), prediction)


def rendered_vector(text: str, found: Any) -> str:
    answers = vector_answers(0, several=isinstance(found, TokenEmbeddings))
    return forms.json_form(Kept(GivenTexts([]), None), answers).render(Row(1, text, (text,)), found)
