"""Text classification: texts → predictions."""

import reprlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import overload

import numpy as np

from ..arrays import Floats
from ..bundle.opening import Bundle
from ..errors import BundleFormatError, TextTypeError
from ..explaining.explanation import PERMUTATIONS, Explanation
from ..fields import shown
from ..postprocessing.calibration import MinScore
from ..postprocessing.scores import Head, Prediction
from ..postprocessing.windows import TRUNCATE
from ..tasks import CLASSIFICATION
from ..texts import Texts
from ..tokenization.encoding import Tally
from .long_texts import Answered, Long, answered
from .model import Model


class Classifier(Model):
    """Classifies texts with a bundle. Several threads may call it at once.

    ``bundle`` is the opened bundle; ``head`` turns its logits into predictions.

    Args:
        bundle: an opened bundle of the task ``text-classification``.
        threads: the number of threads; by default the value of ``LINNET_THREADS``, else one per processor.
        cache: how many distinct texts' logits to remember between calls; by default none.

    Raises:
        BundleFormatError: the bundle is for another task, or its files contradict each other.
        ValueError: ``threads`` or ``cache`` is out of range.
    """

    task = CLASSIFICATION

    def __init__(self, bundle: Bundle, *, threads: int | None = None, cache: int | None = None) -> None:
        super().__init__(bundle, threads=threads, cache=cache)
        with bundle.named():
            self.head = Head(bundle.labels, bundle.config.get("problem_type"), bundle.settings.calibration)
        if self._encoder.rank not in (None, 2) or self._encoder.dimension != len(self.labels):
            raise BundleFormatError(
                f"{bundle.path}: config.json has {len(self.labels)} labels ({shown(self.labels)}), "
                f"but the graph returns {self._encoder.dimension} logits in {self._encoder.rank} dimensions: "
                "convert the checkpoint again"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.bundle.path)!r}, labels={reprlib.repr(self.labels)})"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the logits."""
        return self.head.labels

    @overload
    def __call__(  # type: ignore[overload-overlap]  # a str is one text first
        self, texts: str, *, preprocess: bool = True, long: Long = TRUNCATE, min_score: MinScore | None = None
    ) -> Prediction: ...
    @overload
    def __call__(
        self, texts: Iterable[str], *, preprocess: bool = True, long: Long = TRUNCATE, min_score: MinScore | None = None
    ) -> list[Prediction]: ...
    def __call__(
        self, texts: Texts, *, preprocess: bool = True, long: Long = TRUNCATE, min_score: MinScore | None = None
    ) -> Prediction | list[Prediction]:
        """Returns the prediction for a text, or a list of predictions, in order, for several texts.

        Args:
            texts: one text, or any iterable of texts.
            preprocess: False if the texts are already preprocessed as the checkpoint expects.
            long: ``truncate`` to cut texts that are longer than the model reads, as the original does; ``windows``, or
                a `Windowing`, to read all of them in overlapping windows.
            min_score: the least score of an answer, for all labels or by label; below it, the prediction's label is
                None. By default the bundle's thresholds; 0 answers every text.

        Raises:
            TextTypeError: a text is not a ``str``; the message names its index.
            TextValueError: a text has a lone surrogate.
            InputError: there is no such ``long``, or the bundle's windows cannot overlap that much; ``min_score`` is
                not from 0 to 1, or names a label that the model does not have.
        """
        predictions = list(self.stream(texts, preprocess=preprocess, long=long, min_score=min_score))
        return predictions[0] if isinstance(texts, str) else predictions

    def stream(
        self,
        texts: Iterable[str],
        *,
        preprocess: bool = True,
        long: Long = TRUNCATE,
        min_score: MinScore | None = None,
        tally: Tally | None = None,
    ) -> Iterator[Prediction]:
        """Yields predictions lazily, in order, in bounded memory; ``tally`` counts how the texts were read.

        At most 2,048 texts are read ahead, fewer from a slow iterable. The other arguments are those of a call.
        """
        for logits, read, by_window in self._answered(texts, preprocess, long):
            if tally:
                tally.add(read)
            windows = [self.head.windows(*found) for found in by_window]
            truncated = [found.truncated for found in read]
            yield from self.head.predictions(logits, truncated, windows, min_score=min_score)

    def logits(self, texts: Texts, *, preprocess: bool = True, long: Long = TRUNCATE) -> Floats:
        """Returns the logits: float32 (n, labels); a single ``str`` gives one row."""
        none_yet = np.empty((0, len(self.labels)), dtype=np.float32)
        rows = self._answered(texts, preprocess, long)
        return np.concatenate([none_yet, *(logits for logits, *_ in rows)])

    def explain(
        self,
        text: str,
        *,
        label: str | None = None,
        method: str = "leave-one-out",
        permutations: int = PERMUTATIONS,
        preprocess: bool = True,
        progress: Callable[[int], object] | None = None,
    ) -> Explanation:
        """Returns what each word of a text contributes to a label.

        Words are removed from the text, and the rest of it is classified like any text. With ``leave-one-out``, a word
        contributes what is lost without it. With ``shapley``, it contributes what it adds to the other words, in the
        mean over all orders in which words can be added: exactly for up to 12 words, from random orders for more.

        Args:
            text: one text.
            label: the label to explain; by default the text's own.
            method: ``leave-one-out``, the faster, or ``shapley``, whose contributions add up.
            permutations: the number of random orders, an even number; more make the errors smaller.
            preprocess: False if the text is already preprocessed as the checkpoint expects.
            progress: called after each variant of the text that is run, from any thread, with their number in all.

        Raises:
            TextTypeError: the text is not a ``str``.
            TextValueError: the text has a lone surrogate.
            InputError: there is no such label or method, or the number of permutations is odd or less than 4.
        """
        from ..explaining.explaining import explain  # here, so that models load faster

        if not isinstance(text, str):
            raise TextTypeError(f"expected one text, a str, found {type(text).__name__}; explain texts one by one")

        def logits(texts: Iterator[str], count: int) -> Iterator[Floats]:
            finish = partial(_told, progress, count) if progress else _as_given
            return (rows.values for rows in self._encoder.rows(texts, finish, preprocess=preprocess, alike=count))

        [encoding] = self._encoder.encode(text, preprocess=preprocess, trimmed=True)
        return explain(text, encoding, logits, self.head, label=label, method=method, permutations=permutations)

    def _answered(self, texts: Texts, preprocess: bool, long: Long) -> Iterator[Answered]:
        return answered(self._encoder, texts, _as_given, preprocess=preprocess, long=long)


def _as_given(output: Floats) -> Floats:
    """Returns the graph's output, which is the logits: float32 (labels,)."""
    return output


def _told(progress: Callable[[int], object], count: int, output: Floats) -> Floats:
    """Returns the logits, and tells of them."""
    progress(count)
    return output
