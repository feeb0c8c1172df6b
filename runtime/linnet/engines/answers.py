"""Answers of models → rows with named and typed fields, which every engine understands."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..api import Prediction, TokenEmbeddings
from ..arrays import Floats
from ..errors import TextTypeError, TextValueError
from ..tasks import TASKS
from ..texts import check, is_missing

Row = dict[str, Any]
"""An answer: values by the names of its fields; those that are left out are missing."""

VECTOR = "vector"
"""The kind of a vector of float32; other kinds are a Python type, a dict for a struct, and a list for a list."""

ERROR = "error"
"""The field that says why there is no answer; no other field of such a row has a value."""


def fields(task: str, labels: tuple[str, ...], per: str) -> dict[str, Any]:
    """Returns the kinds of an answer's fields by name."""
    if not TASKS[task].vectors:
        scores = dict.fromkeys(labels, float)
        return {"label": str, "score": float, "scores": scores, "truncated": bool, ERROR: str}
    if per == "text":
        return {"vector": VECTOR, ERROR: str}
    return {"tokens": [{"token": str, "start": int, "end": int, "vector": VECTOR}], ERROR: str}


def predicted(found: Prediction) -> Row:
    """Returns a prediction as a row."""
    return {"label": found.label, "score": found.score, "scores": found.scores, "truncated": found.truncated}


def vector(found: Floats) -> Row:
    """Returns the vector of a text as a row."""
    return {"vector": found}


def tokens(found: TokenEmbeddings) -> Row:
    """Returns the vectors of a text's tokens or words as a row."""
    parts = zip(found.tokens, found.offsets, found.vectors, strict=True)
    return {
        "tokens": [
            {"token": token, "start": start, "end": end, "vector": values} for token, (start, end), values in parts
        ]
    }


def rows(
    values: Iterable[Any], answers: Callable[[Iterator[str]], Iterator[Row]], *, strict: bool
) -> Iterator[Row | None]:
    """Yields an answer for each value, lazily, in order: None where it is missing.

    ``answers`` gives those of the values that are texts. It may read ahead.

    Raises:
        TextTypeError: ``strict``, and a value is no text; the message names its index.
        TextValueError: ``strict``, and a text has a lone surrogate.
    """
    waiting = deque[Row | type[str] | None]()  # what was read and not yet answered: ``str`` stands for a text

    def texts() -> Iterator[str]:
        for index, value in enumerate(values):
            if not isinstance(value, str) and is_missing(value):
                waiting.append(None)
                continue
            try:
                check(value, index)
            except (TextTypeError, TextValueError) as error:
                if strict:
                    raise
                waiting.append({ERROR: str(error).partition(": ")[2]})
                continue
            waiting.append(str)
            yield value

    def others() -> Iterator[Row | None]:
        while waiting and not isinstance(found := waiting[0], type):
            waiting.popleft()
            yield found

    for answer in answers(texts()):
        yield from others()
        waiting.popleft()
        yield answer
    yield from others()
