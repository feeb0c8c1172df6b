"""Text classification: composes the steps from text to prediction."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import overload

import numpy as np

from linnet.batching import batches
from linnet.bundle import Bundle
from linnet.errors import BundleFormatError
from linnet.postprocessing import Floats, Head, Prediction
from linnet.preprocessing import PREPROCESSORS, PreparedText, none
from linnet.session import Session
from linnet.texts import Texts, as_texts, iterate_texts
from linnet.tokenizer import Encoding, Tokenizer

CHUNK = 512
"""How many texts are read ahead, so that those of about one length share a batch."""


class Classifier:
    """Classifies texts with a bundle. Ready when made; safe to call from several threads.

    ``bundle`` is what it runs; ``head`` says what its logits mean.

    Args:
        bundle: an opened bundle of the task ``text-classification``.
        threads: how many threads one run uses; by default, one a processor.

    Raises:
        BundleFormatError: the bundle's files do not fit each other.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle
        with bundle.named():
            self.head = Head(bundle.labels, bundle.config.get("problem_type"))
        self._preprocessor = PREPROCESSORS[bundle.settings.preprocessing]
        self._tokenizer = Tokenizer(
            bundle.tokenizer_json,
            max_length=bundle.settings.max_length,
            truncation_side=bundle.settings.truncation_side,
        )
        self._session = Session(bundle.graph, threads=threads)
        if self._session.dimension != len(self.labels):
            raise BundleFormatError(
                f"{bundle.path}: config.json has {len(self.labels)} labels ({', '.join(self.labels)}), "
                f"and the graph gives {self._session.dimension} logits: convert the checkpoint again"
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the logits."""
        return self.head.labels

    @overload
    def __call__(self, texts: str, *, preprocess: bool = True) -> Prediction: ...  # type: ignore[overload-overlap]  # a str is one text first
    @overload
    def __call__(self, texts: Iterable[str], *, preprocess: bool = True) -> list[Prediction]: ...
    def __call__(self, texts: Texts, *, preprocess: bool = True) -> Prediction | list[Prediction]:
        """The prediction for a text, or the list of them, in order, for several.

        Args:
            texts: one text, or any iterable of texts.
            preprocess: False says that the texts are already prepared as the checkpoint expects.

        Raises:
            TextTypeError: a text is not a ``str``; the message names its index.
            TextValueError: a text has a lone surrogate.
        """
        predictions = self.head.predictions(self.logits(texts, preprocess=preprocess))
        return predictions[0] if isinstance(texts, str) else predictions

    def stream(self, texts: Iterable[str], *, preprocess: bool = True) -> Iterator[Prediction]:
        """Predictions lazily, in order, in bounded memory: `CHUNK` texts are read ahead."""
        for logits in self._logits_of_chunks(texts, preprocess):
            yield from self.head.predictions(logits)

    def logits(self, texts: Texts, *, preprocess: bool = True) -> Floats:
        """The logits: float32 (n, labels); a single ``str`` is one row."""
        none_yet = np.empty((0, len(self.labels)), dtype=np.float32)
        return np.concatenate([none_yet, *self._logits_of_chunks(texts, preprocess)])

    def encode(self, texts: Texts, *, preprocess: bool = True) -> list[Encoding]:
        """How the model reads each text; offsets point into the text as it was given."""
        return self._tokenizer.encode(self._prepare(as_texts(texts), preprocess))

    def _prepare(self, texts: list[str], preprocess: bool) -> list[PreparedText]:
        prepare = self._preprocessor if preprocess else none
        return [prepare(text) for text in texts]

    def _logits_of_chunks(self, texts: Texts, preprocess: bool) -> Iterator[Floats]:
        """The logits of `CHUNK` texts at a time, each chunk's texts batched among themselves."""
        checked = iterate_texts(texts)
        while chunk := list(islice(checked, CHUNK)):
            ids = self._tokenizer.ids([text.text for text in self._prepare(chunk, preprocess)])
            logits = np.empty((len(ids), len(self.labels)), dtype=np.float32)
            for batch in batches(ids, pad_token_id=self.bundle.settings.pad_token_id):
                logits[batch.rows] = self._session.run(batch)
            yield logits
