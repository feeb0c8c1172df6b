"""Embeddings: composes the steps from text to vectors, one a text, a token or a word."""

from collections.abc import Iterable, Iterator
from typing import overload

import numpy as np

from linnet.bundle import EMBEDDING, Bundle
from linnet.encoder import Encoder
from linnet.encoding import Encoding
from linnet.errors import BundleFormatError
from linnet.pooling import POOLINGS, normalized
from linnet.postprocessing import Floats
from linnet.texts import Texts
from linnet.words import TokenEmbeddings, of_tokens, of_words


class Embedder:
    """Embeds texts with a bundle. Ready when made; safe to call from several threads.

    ``bundle`` is what it runs. Every vector has ``dimension`` float32. A text's vector is pooled over
    its tokens, and normalised, as the bundle says; those of tokens and words never are normalised.

    Args:
        bundle: an opened bundle of the task ``feature-extraction``.
        threads: how many threads it may use; by default what ``LINNET_THREADS`` says, else one a processor.
        cache: how many distinct texts' vectors are remembered from call to call; by default none.

    Raises:
        BundleFormatError: the bundle is for another task, or its files do not fit each other.
        ValueError: ``threads`` or ``cache`` is out of range.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None, cache: int | None = None) -> None:
        self.bundle = bundle
        self._encoder = Encoder(bundle, task=EMBEDDING, threads=threads, cache=cache)
        self._pooling = POOLINGS[str(bundle.settings.pooling)]
        self.dimension = bundle.hidden_size
        declared, rank = self._encoder.dimension, self._encoder.rank
        if rank not in (None, 3) or (isinstance(declared, int) and declared != self.dimension):
            raise BundleFormatError(
                f"{bundle.path}: expected the graph to give (batch, seq, {self.dimension}), the hidden size of "
                f"config.json, found {rank} dimensions, the last one {declared}: convert the checkpoint again"
            )

    def __repr__(self) -> str:
        return f"Embedder({str(self.bundle.path)!r}, dimension={self.dimension})"

    def __call__(self, texts: Texts, *, preprocess: bool = True) -> Floats:
        """The vectors of texts, in order: float32 (n, dimension); a single ``str`` is one row.

        Args:
            texts: one text, or any iterable of texts. An empty text has a vector: that of its special tokens.
            preprocess: False says that the texts are already prepared as the checkpoint expects.

        Raises:
            TextTypeError: a text is not a ``str``; the message names its index.
            TextValueError: a text has a lone surrogate.
        """
        none_yet = np.empty((0, self.dimension), dtype=np.float32)
        return np.concatenate([none_yet, *self._encoder.rows(texts, self._pool, preprocess=preprocess)])

    def stream(self, texts: Iterable[str], *, preprocess: bool = True) -> Iterator[Floats]:
        """Each text's vector, float32 (dimension,), lazily, in order, in bounded memory.

        At most 2,048 texts are read ahead, fewer of a slow iterable.
        """
        for rows in self._encoder.rows(texts, self._pool, preprocess=preprocess):
            yield from rows

    @overload
    def tokens(self, texts: str, *, preprocess: bool = True) -> TokenEmbeddings: ...  # type: ignore[overload-overlap]  # a str is one text first
    @overload
    def tokens(self, texts: Iterable[str], *, preprocess: bool = True) -> list[TokenEmbeddings]: ...
    def tokens(self, texts: Texts, *, preprocess: bool = True) -> TokenEmbeddings | list[TokenEmbeddings]:
        """The vectors of a text's tokens, without the special ones; for several texts, a list of them.

        Tokens and offsets are those of `encode`.
        """
        found = list(self.stream_tokens(texts, preprocess=preprocess))
        return found[0] if isinstance(texts, str) else found

    @overload
    def words(self, texts: str, *, preprocess: bool = True) -> TokenEmbeddings: ...  # type: ignore[overload-overlap]  # a str is one text first
    @overload
    def words(self, texts: Iterable[str], *, preprocess: bool = True) -> list[TokenEmbeddings]: ...
    def words(self, texts: Texts, *, preprocess: bool = True) -> TokenEmbeddings | list[TokenEmbeddings]:
        """The vectors of a text's words, each the mean over its pieces; for several texts, a list of them.

        A word is what white space separates in the text as it was given. A piece counts to every word
        that it overlaps; a word of which the model sees nothing, truncated or dropped, is left out.
        """
        found = list(self.stream_words(texts, preprocess=preprocess))
        return found[0] if isinstance(texts, str) else found

    def stream_tokens(self, texts: Texts, *, preprocess: bool = True) -> Iterator[TokenEmbeddings]:
        """As `tokens`, lazily, in order, in bounded memory: at most 64 texts are read ahead."""
        return (of_tokens(*encoded) for encoded in self._encoder.encoded(texts, preprocess=preprocess))

    def stream_words(self, texts: Texts, *, preprocess: bool = True) -> Iterator[TokenEmbeddings]:
        """As `words`, lazily, in order, in bounded memory: at most 64 texts are read ahead."""
        return (of_words(*encoded) for encoded in self._encoder.encoded(texts, preprocess=preprocess, trimmed=True))

    def encode(self, texts: Texts, *, preprocess: bool = True) -> list[Encoding]:
        """How the model reads each text; offsets point into the text as it was given."""
        return self._encoder.encode(texts, preprocess=preprocess)

    def _pool(self, vectors: Floats) -> Floats:
        pooled = self._pooling(vectors)
        return normalized(pooled) if self.bundle.settings.normalize else pooled
