"""Embeddings: texts → vectors, one per text, token or word."""

from collections.abc import Iterable, Iterator
from typing import overload

import numpy as np

from ..arrays import Floats
from ..bundle.opening import Bundle
from ..errors import BundleFormatError
from ..postprocessing.pooling import POOLINGS, Pool, normalized
from ..postprocessing.windows import TRUNCATE, by_text
from ..postprocessing.words import MEAN, TokenEmbeddings, check_pieces, of_tokens, of_words
from ..tasks import EMBEDDING
from ..texts import Texts
from ..tokenization.encoding import Encoding, Tally
from .long_texts import Long, answered
from .model import Model


class Embedder(Model):
    """Embeds texts with a bundle. Several threads may call it at once.

    ``bundle`` is the opened bundle. Every vector has ``dimension`` float32 values. A text's vector is pooled
    over its tokens and normalised as the bundle specifies; vectors of tokens and words are never normalised.

    Args:
        bundle: an opened bundle of the task ``feature-extraction``.
        threads: the number of threads; by default the value of ``LINNET_THREADS``, else one per processor.
        cache: how many distinct texts' vectors to remember between calls; by default none.

    Raises:
        BundleFormatError: the bundle is for another task, or its files contradict each other.
        ValueError: ``threads`` or ``cache`` is out of range.
    """

    task = EMBEDDING

    def __init__(self, bundle: Bundle, *, threads: int | None = None, cache: int | None = None) -> None:
        super().__init__(bundle, threads=threads, cache=cache)
        assert bundle.settings.embedding  # the settings of this task have it
        self._settings = bundle.settings.embedding
        self._pooling = POOLINGS[self._settings.pooling]
        self.dimension = bundle.hidden_size
        declared, rank = self._encoder.dimension, self._encoder.rank
        if rank not in (None, 3) or (isinstance(declared, int) and declared != self.dimension):
            raise BundleFormatError(
                f"{bundle.path}: expected the graph to return (batch, seq, {self.dimension}), with the hidden size of "
                f"config.json, found {rank} dimensions, the last one {declared}: convert the checkpoint again"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.bundle.path)!r}, dimension={self.dimension})"

    @property
    def pooling(self) -> Pool:
        """The function that makes a text's vector from those of its tokens, before it is normalised."""
        return self._pooling

    @property
    def normalizes(self) -> bool:
        """True if the vectors of texts have length 1."""
        return self._settings.normalize

    def __call__(self, texts: Texts, *, preprocess: bool = True, long: Long = TRUNCATE) -> Floats:
        """Returns the vectors of texts, in order: float32 (n, dimension); a single ``str`` gives one row.

        Args:
            texts: one text, or any iterable of texts. An empty text has a vector too, from its special tokens.
            preprocess: False if the texts are already preprocessed as the checkpoint expects.
            long: ``truncate`` to cut texts that are longer than the model reads, as the original does; ``windows``, or
                a `Windowing`, to make one vector from those of overlapping windows. `windows` gives one for each.

        Raises:
            TextTypeError: a text is not a ``str``; the message names its index.
            TextValueError: a text has a lone surrogate.
            InputError: there is no such ``long``, or the bundle's windows cannot overlap that much.
        """
        found = list(self.stream(texts, preprocess=preprocess, long=long))
        return np.stack(found) if found else np.empty((0, self.dimension), dtype=np.float32)

    def stream(
        self, texts: Texts, *, preprocess: bool = True, long: Long = TRUNCATE, tally: Tally | None = None
    ) -> Iterator[Floats]:
        """Yields each text's vector, float32 (dimension,), lazily, in order, in bounded memory.

        At most 2,048 texts are read ahead, fewer from a slow iterable. ``tally`` counts how the texts were read.
        """
        for vectors, read, _ in answered(self._encoder, texts, self._pooling, preprocess=preprocess, long=long):
            if tally:
                tally.add(read)
            yield from map(self._finished, vectors)

    @overload
    def windows(self, texts: str, *, preprocess: bool = True, overlap: int | None = None) -> TokenEmbeddings: ...  # type: ignore[overload-overlap]  # a str is one text first
    @overload
    def windows(
        self, texts: Iterable[str], *, preprocess: bool = True, overlap: int | None = None
    ) -> list[TokenEmbeddings]: ...
    def windows(
        self, texts: Texts, *, preprocess: bool = True, overlap: int | None = None
    ) -> TokenEmbeddings | list[TokenEmbeddings]:
        """Returns a vector for each overlapping window of a text, for search; for several texts, a list.

        The vectors are pooled and normalised like those of texts; a text that the model reads at once has one.
        ``tokens`` has the characters of each window, ``offsets`` their places in the text as the caller gave it.

        Args:
            texts: one text, or any iterable of texts.
            preprocess: False if the texts are already preprocessed as the checkpoint expects.
            overlap: the number of tokens that neighbouring windows share; by default a quarter of a window.
        """
        found = list(self.stream_windows(texts, preprocess=preprocess, overlap=overlap))
        return found[0] if isinstance(texts, str) else found

    @overload
    def tokens(self, texts: str, *, preprocess: bool = True) -> TokenEmbeddings: ...  # type: ignore[overload-overlap]  # a str is one text first
    @overload
    def tokens(self, texts: Iterable[str], *, preprocess: bool = True) -> list[TokenEmbeddings]: ...
    def tokens(self, texts: Texts, *, preprocess: bool = True) -> TokenEmbeddings | list[TokenEmbeddings]:
        """Returns the vectors of a text's tokens, without special tokens; for several texts, a list.

        Tokens and offsets are the same as those of `encode`.
        """
        found = list(self.stream_tokens(texts, preprocess=preprocess))
        return found[0] if isinstance(texts, str) else found

    @overload
    def words(self, texts: str, *, preprocess: bool = True, pieces: str = MEAN) -> TokenEmbeddings: ...  # type: ignore[overload-overlap]  # a str is one text first
    @overload
    def words(self, texts: Iterable[str], *, preprocess: bool = True, pieces: str = MEAN) -> list[TokenEmbeddings]: ...
    def words(
        self, texts: Texts, *, preprocess: bool = True, pieces: str = MEAN
    ) -> TokenEmbeddings | list[TokenEmbeddings]:
        """Returns the vectors of a text's words, each the mean over its pieces; for several texts, a list.

        White space separates words in the text as the caller gave it. A piece belongs to every word that it
        overlaps. Words without a piece, because they were truncated or dropped, are left out.

        Args:
            texts: one text, or any iterable of texts.
            preprocess: False if the texts are already preprocessed as the checkpoint expects.
            pieces: ``mean``, or ``first`` for the vector of a word's first piece alone.

        Raises:
            InputError: ``pieces`` is neither.
        """
        found = list(self.stream_words(texts, preprocess=preprocess, pieces=pieces))
        return found[0] if isinstance(texts, str) else found

    def stream_tokens(
        self, texts: Texts, *, preprocess: bool = True, tally: Tally | None = None
    ) -> Iterator[TokenEmbeddings]:
        """Yields `TokenEmbeddings` of tokens lazily, in order, in bounded memory: at most 64 texts are read ahead."""
        return (of_tokens(*encoded) for encoded in self._encoded(texts, preprocess, False, tally))

    def stream_words(
        self, texts: Texts, *, preprocess: bool = True, pieces: str = MEAN, tally: Tally | None = None
    ) -> Iterator[TokenEmbeddings]:
        """Yields `TokenEmbeddings` of words lazily, in order, in bounded memory: at most 64 texts are read ahead."""
        check_pieces(pieces)
        return (of_words(*encoded, pieces) for encoded in self._encoded(texts, preprocess, True, tally))

    def stream_windows(
        self, texts: Texts, *, preprocess: bool = True, overlap: int | None = None, tally: Tally | None = None
    ) -> Iterator[TokenEmbeddings]:
        """Yields `TokenEmbeddings` of windows lazily, in order, in bounded memory."""
        for values, read in self._encoder.windows(texts, self._pooling, preprocess=preprocess, overlap=overlap):
            if tally:
                tally.add(read)
            for found, vectors in by_text(values, read):
                parts = [found.text[slice(*span)] for span in found.spans]
                yield TokenEmbeddings(np.stack([*map(self._finished, vectors)]), parts, found.spans)

    def _encoded(
        self, texts: Texts, preprocess: bool, trimmed: bool, tally: Tally | None
    ) -> Iterator[tuple[str, Encoding, Floats]]:
        for encoded in self._encoder.encoded(texts, preprocess=preprocess, trimmed=trimmed):
            if tally:
                tally.add([encoded[1]])
            yield encoded

    def _finished(self, pooled: Floats) -> Floats:
        """Returns a pooled vector as the bundle specifies: normalised, or as it is."""
        return normalized(pooled) if self._settings.normalize else pooled
