"""Answers of a model → Spark NLP's annotations: ``annotatorType, begin, end, result, metadata, embeddings``.

``begin`` and ``end`` count as Spark NLP does: in UTF-16 code units, and ``end`` is the last one that belongs.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate, chain
from typing import Any

import numpy as np
import pyarrow

from ..api import Classifier, Prediction, TokenEmbeddings
from ..arrays import Floats
from ..engines.worker import Worker
from ..postprocessing.words import SPACE_MARKS, of_pieces

CATEGORY, WORDS, SENTENCES = "category", "word_embeddings", "sentence_embeddings"
"""The annotator types of what Linnet gives."""

TYPE = pyarrow.list_(
    pyarrow.struct(
        [
            ("annotatorType", pyarrow.string()),
            ("begin", pyarrow.int32()),
            ("end", pyarrow.int32()),
            ("result", pyarrow.string()),
            ("metadata", pyarrow.map_(pyarrow.string(), pyarrow.string())),
            ("embeddings", pyarrow.list_(pyarrow.float32())),
        ]
    )
)
"""The type of a column of annotations."""

Annotation = dict[str, Any]
Span = tuple[int, int]

_WORD = re.compile(r"\S+")


class Document:
    """A whole text or a sentence, which begins at ``begin`` of the whole text and is its ``number``-th."""

    def __init__(self, text: str | None, begin: int, number: int) -> None:
        self.text, self._begin, self._number = text or "", begin, number
        self._units = list(accumulate((1 + (character > "\uffff") for character in self.text), initial=begin))

    def within(self, tokens: list[Span]) -> list[Span]:
        """Returns the tokens that are in this document: from places of the whole text to characters of ``text``."""
        inside = [(begin, end + 1) for begin, end in tokens if self._begin <= begin <= end < self._units[-1]]
        return [(bisect_left(self._units, begin), bisect_left(self._units, end)) for begin, end in inside]

    def annotation(
        self, kind: str, span: Span, result: str, vector: Floats | None = None, about: dict[str, str] | None = None
    ) -> Annotation:
        """Returns the annotation of a span of characters; ``about`` is its metadata beside the sentence."""
        return {
            "annotatorType": kind,
            "begin": self._units[span[0]],
            "end": self._units[span[1]] - 1,
            "result": result,
            "metadata": {"sentence": str(self._number), **(about or {})},
            "embeddings": [] if vector is None else vector,
        }


class Documents:
    """Annotates the documents of each row: an array of `TYPE` for arrays of Arrow; null where the documents are null.

    ``texts`` and ``begins`` have a list for each row, of its documents and of their places; ``starts`` and ``ends`` have
    the places of its tokens. Without tokens, white space separates words.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def __call__(self, texts: Any, begins: Any, starts: Any = None, ends: Any = None) -> Any:
        """Returns the annotations of each row."""
        rows = [
            None
            if row is None
            else [Document(*one, number) for number, one in enumerate(zip(row, places, strict=True))]
            for row, places in zip(texts.to_pylist(), begins.to_pylist(), strict=True)
        ]
        tokens: list[Any] = [None] * len(rows)
        if starts is not None:
            pairs = zip(starts.to_pylist(), ends.to_pylist(), strict=True)
            tokens = [list(zip(first or (), last or (), strict=True)) for first, last in pairs]
        answers = self._answers(document.text for document in chain.from_iterable(row or () for row in rows))
        found = [
            None
            if row is None
            else [one for document in row for one in self._annotated(document, next(answers), spans)]
            for row, spans in zip(rows, tokens, strict=True)
        ]
        return pyarrow.array(found, type=TYPE)

    def _answers(self, texts: Iterator[str]) -> Iterator[Any]:
        model, preprocess = self._worker.model, self._worker.preprocess
        if isinstance(model, Classifier) or self._worker.per == "text":
            return model.stream(texts, preprocess=preprocess)
        return model.stream_tokens(texts, preprocess=preprocess)

    def _annotated(self, document: Document, answer: Any, tokens: list[Span] | None) -> Iterator[Annotation]:
        whole = (0, len(document.text))
        if isinstance(answer, Prediction):
            scores = {label: str(score) for label, score in answer.scores.items()}
            yield document.annotation(CATEGORY, whole, answer.label or "", about=scores)
        elif isinstance(answer, np.ndarray):
            yield document.annotation(SENTENCES, whole, document.text, answer)
        elif self._worker.per == "token":
            for token, span, vector in zip(answer.tokens, answer.offsets, answer.vectors, strict=True):
                yield _of_word(document, span, token, vector)
        else:
            words = _words(document.text) if tokens is None else document.within(tokens)
            for span, own in _pieces(answer, words):
                vector = of_pieces(answer.vectors[own], self._worker.pieces)
                yield _of_word(document, span, document.text[slice(*span)], vector)


def _of_word(document: Document, span: Span, result: str, vector: Floats) -> Annotation:
    about = {"token": result, "pieceId": "-1", "isWordStart": "true", "isOOV": "false"}
    return document.annotation(WORDS, span, result, vector, about)


def _words(text: str) -> list[Span]:
    return [match.span() for match in _WORD.finditer(text)]


def _pieces(found: TokenEmbeddings, words: list[Span]) -> Iterator[tuple[Span, list[int]]]:
    """Yields the words that have pieces, each with the indices of those that overlap it; a lone space overlaps none."""
    pieces = [(index, span) for index, span in enumerate(found.offsets) if found.tokens[index].strip(SPACE_MARKS)]
    for start, end in words:
        own = [index for index, (first, last) in pieces if first < end and last > start]
        if own:
            yield (start, end), own
