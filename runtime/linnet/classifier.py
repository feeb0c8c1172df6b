"""Text classification: composes the steps from text to prediction."""

import reprlib
from collections.abc import Iterable, Iterator
from typing import overload

import numpy as np

from linnet.bundle import CLASSIFICATION, Bundle
from linnet.encoder import Encoder
from linnet.encoding import Encoding
from linnet.errors import BundleFormatError
from linnet.postprocessing import Floats, Head, Prediction
from linnet.texts import Texts


class Classifier:
    """Classifies texts with a bundle. Ready when made; safe to call from several threads.

    ``bundle`` is what it runs; ``head`` says what its logits mean.

    Args:
        bundle: an opened bundle of the task ``text-classification``.
        threads: how many threads it may use; by default what ``LINNET_THREADS`` says, else one a processor.
        cache: how many distinct texts' logits are remembered from call to call; by default none.

    Raises:
        BundleFormatError: the bundle is for another task, or its files do not fit each other.
        ValueError: ``threads`` or ``cache`` is out of range.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None, cache: int | None = None) -> None:
        self.bundle = bundle
        self._encoder = Encoder(bundle, task=CLASSIFICATION, threads=threads, cache=cache)
        with bundle.named():
            self.head = Head(bundle.labels, bundle.config.get("problem_type"))
        if self._encoder.dimension != len(self.labels):
            raise BundleFormatError(
                f"{bundle.path}: config.json has {len(self.labels)} labels ({', '.join(self.labels)}), "
                f"and the graph gives {self._encoder.dimension} logits: convert the checkpoint again"
            )

    def __repr__(self) -> str:
        return f"Classifier({str(self.bundle.path)!r}, labels={reprlib.repr(self.labels)})"

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
        """Predictions lazily, in order, in bounded memory: at most 2,048 texts are read ahead, fewer of a slow iterable."""
        for logits in self._encoder.rows(texts, _as_given, preprocess=preprocess):
            yield from self.head.predictions(logits)

    def logits(self, texts: Texts, *, preprocess: bool = True) -> Floats:
        """The logits: float32 (n, labels); a single ``str`` is one row."""
        none_yet = np.empty((0, len(self.labels)), dtype=np.float32)
        return np.concatenate([none_yet, *self._encoder.rows(texts, _as_given, preprocess=preprocess)])

    def encode(self, texts: Texts, *, preprocess: bool = True) -> list[Encoding]:
        """How the model reads each text; offsets point into the text as it was given."""
        return self._encoder.encode(texts, preprocess=preprocess)


def _as_given(output: Floats) -> Floats:
    """The graph's output is the logits: float32 (labels,)."""
    return output
