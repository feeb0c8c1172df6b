"""A model that engines send to their processes, and that answers columns there."""

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..api import Classifier, Embedder
from ..bundle.demands import Demands
from ..errors import InputError
from ..models.portable import loaded
from ..postprocessing.words import MEAN, check_pieces
from ..system.forks import mend_in_child
from ..tasks import CLASSIFICATION, TASKS
from ..trust.keys import Key
from ..trust.opening import open_trusted
from . import answers
from .answers import Row
from .columns import arrow_column, arrow_type, numpy_column

PER = ("text", "token", "word")

Place = str | os.PathLike[str] | None
"""The folder of a bundle, or None for the embedded default."""


class Worker:
    """Answers columns of texts, in any process: it is pickled as a path, and loads the model at its first call.

    What the bundle must meet, such as a signature, it must meet in each process: the public key travels along.

    A process loads a model once, however many workers it gets. The weights are mapped, so that the processes of a
    machine share them. Each text gets the same bits as from the model itself, whatever column or process it is in.

    A missing text gets a missing answer. A value that is no text gets an answer that has only ``error``, unless
    ``strict``. The fields of an answer: ``label``, ``score`` (0 to 1), ``scores`` by label, ``truncated`` and ``error``;
    for embeddings ``vector`` (float32) and ``error``, or ``tokens`` and ``error``: of tokens and words, a list with
    ``token``, ``start``, ``end`` (characters of the text) and ``vector``.

    ``task``, ``labels`` (none for embeddings), ``dimension`` (of vectors; 0 for classification) and ``fields`` (kinds
    by name) describe the answers.

    Args:
        bundle: the folder of a bundle, or None for the embedded default.
        threads: the number of threads of the model.
        per: embeddings: one vector for a ``text``, or one for each ``token`` or ``word``.
        pieces: embeddings of words: the ``mean`` over a word's pieces, or the ``first``.
        preprocess: False if the texts are already preprocessed as the checkpoint expects.
        strict: True if a value that is no text is an error.
        key: the public key that must have signed the bundle, as `linnet.load` takes it.
        digest: the digest that the bundle must have.
        verify: ``full`` or ``once``, as `linnet.load` takes it.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleIntegrityError: a file is missing, truncated or altered, or the digest is another.
        BundleSignatureError: there is no signature of the key, or a file is not signed.
        InputError: there is no such ``per``, ``pieces`` or ``verify``, or the key or the digest cannot be used.
    """

    def __init__(
        self,
        bundle: Place = None,
        threads: int = 1,
        *,
        per: str = "text",
        pieces: str = MEAN,
        preprocess: bool = True,
        strict: bool = False,
        key: Key | None = None,
        digest: str | None = None,
        verify: str | None = None,
    ) -> None:
        if per not in PER:
            raise InputError(f"per: expected one of {', '.join(PER)}, found {per!r}")
        check_pieces(pieces)
        opened = open_trusted(None if bundle is None else Path(bundle), key=key, digest=digest, verify=verify)
        self.task, self.labels = opened.settings.task, opened.labels
        self.dimension = opened.hidden_size if TASKS[self.task].vectors else 0
        self.fields = answers.fields(self.task, self.labels, per)
        self.threads, self.per, self.pieces, self.preprocess, self.strict = threads, per, pieces, preprocess, strict
        self._place = Path(bundle).absolute() if isinstance(bundle, (str, Path)) else bundle
        self._digest, self._demands = opened.digest, opened.demands

    def __repr__(self) -> str:
        return f"{type(self).__name__}({None if self._place is None else str(self._place)!r}, threads={self.threads})"

    @property
    def model(self) -> Classifier | Embedder:
        """The model, which all workers of this process with this bundle and number of threads share.

        Raises:
            BundleIntegrityError: the bundle is no longer the one that the worker was made with.
            BundleSignatureError: here it has no signature of the worker's key.
        """
        kind = Classifier if self.task == CLASSIFICATION else Embedder
        return _LOADED.get(kind, self._place, self._digest, self.threads, self._demands)

    def rows(self, texts: Iterable[Any]) -> Iterator[Row | None]:
        """Yields an answer for each text, lazily, in order: values by the names of ``fields``; None for a missing text.

        Raises:
            TextTypeError: a value is no text, and the worker is strict; the message names its index.
            TextValueError: a text has a lone surrogate, and the worker is strict.
        """
        return answers.rows(texts, self._answers, strict=self.strict)

    def __call__(self, texts: Any) -> Any:
        """Returns the answers for a column of texts, as a column of structs.

        For an array of pyarrow, an array with `arrow_type`: null where the text is null. For an array of numpy or any
        other iterable, a structured array of numpy: a missing answer has None, False and NaN.

        Raises:
            MissingPackageError: pyarrow is not installed.
            TextTypeError: a value is no text, and the worker is strict; the message names its index.
            TextValueError: a text has a lone surrogate, and the worker is strict.
        """
        if hasattr(texts, "to_pylist"):
            return arrow_column(self.rows(texts.to_pylist()), self.fields)
        return numpy_column(self.rows(texts), self.fields, self.dimension)

    @property
    def arrow_type(self) -> Any:
        """The type of the arrays of pyarrow that the worker gives: a struct with ``fields``.

        Raises:
            MissingPackageError: pyarrow is not installed.
        """
        return arrow_type(self.fields)

    def _answers(self, texts: Iterator[str]) -> Iterator[Row]:
        model = self.model
        if isinstance(model, Classifier):
            return map(answers.predicted, model.stream(texts, preprocess=self.preprocess))
        if self.per == "text":
            return map(answers.vector, model.stream(texts, preprocess=self.preprocess))
        if self.per == "token":
            return map(answers.tokens, model.stream_tokens(texts, preprocess=self.preprocess))
        return map(answers.tokens, model.stream_words(texts, preprocess=self.preprocess, pieces=self.pieces))


def classifying(bundle: Place = None, **options: Any) -> Worker:
    """Returns a worker that classifies; options are those of `Worker`.

    Raises:
        InputError: the bundle is for embeddings.
    """
    worker = Worker(bundle, **options)
    if worker.dimension:
        raise InputError(f"{bundle}: expected a bundle for classification, found one for embeddings: call embed")
    return worker


def embedding(bundle: Place, **options: Any) -> Worker:
    """Returns a worker that embeds; options are those of `Worker`.

    Raises:
        InputError: the bundle is for classification.
    """
    worker = Worker(bundle, **options)
    if not worker.dimension:
        raise InputError(f"{bundle}: expected a bundle for embeddings, found one for classification: call classify")
    return worker


class _Loaded:
    """The models of this process, each loaded once."""

    def __init__(self) -> None:
        self._models: dict[tuple[str, int, Demands], Classifier | Embedder] = {}
        self.forked()
        mend_in_child(self)

    def forked(self) -> None:
        """Makes a lock that no thread of the parent holds."""
        self._loading = threading.RLock()

    def get(
        self, kind: type[Classifier] | type[Embedder], place: Place, digest: str, threads: int, demands: Demands
    ) -> Classifier | Embedder:
        with self._loading:
            wanted = digest, threads, demands
            if wanted not in self._models:
                path = None if place is None else os.fspath(place)
                self._models[wanted] = loaded(kind, path, digest, {"threads": threads}, demands)
            return self._models[wanted]


_LOADED = _Loaded()
