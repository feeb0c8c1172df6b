"""Text → what the graph gives for it: the steps that every task has in common."""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic

import numpy as np

from linnet.batching import Batch, batches
from linnet.bundle import Bundle
from linnet.cpu import available_cpus, thread_count
from linnet.distinct import Cache, Distinct
from linnet.encoding import Encoding, TextTokenizer
from linnet.postprocessing import Floats
from linnet.prepared import session_of
from linnet.preprocessing import PreparedText, none, preprocessor
from linnet.scheduling import for_each
from linnet.texts import Texts, as_texts, iterate_texts
from linnet.unigram import UnigramTokenizer

CHUNK = 2048
"""The most texts that are read ahead, so that those of one length share a batch.

Against 512, 2 % more tweets a second of a RoBERTa-base and 7 % of a MiniLM.
"""

TOKEN_CHUNK = 64
"""The same where every token's vector is kept: 64 texts of 512 tokens and 768 dimensions take 100 MB."""

PATIENCE = 0.2
"""Seconds after which a text that arrives is the last of its chunk, so that a slow producer's are not held back."""

BULK = 64
"""From so many texts on, every thread has a batch of its own; fewer are run one batch after the other by all threads.

With batches of their own, 2 threads do 1.3 times as much of a RoBERTa-base as when they share each, and 1.4 times as
much as when runs of one session with 2 threads overlap. But the graph is loaded a second time for it.
"""

PIECE = 128
"""How many texts are tokenized at a time."""

Finish = Callable[[Floats], Floats]
"""What the graph gives for a text → what is wanted of it."""


class Encoder:
    """A bundle's preprocessing, tokenizer and session in a line. Ready when made; safe to call from several threads.

    ``dimension`` is the last one of what the graph gives, and ``rank`` how many there are, as the graph
    declares them.

    Args:
        bundle: an opened bundle.
        task: what it must be for.
        threads: how many threads it may use; by default what ``LINNET_THREADS`` says, else one a processor.
        cache: how many distinct texts' rows are remembered from call to call; by default none.

    Raises:
        BundleFormatError: the bundle is for another task, or its files cannot be loaded.
        ValueError: ``threads`` or ``cache`` is out of range.
    """

    def __init__(self, bundle: Bundle, *, task: str, threads: int | None = None, cache: int | None = None) -> None:
        bundle.expect_task(task)
        self._cache = None if cache is None else Cache(cache)
        settings = bundle.settings
        with bundle.named():
            self._preprocessor = preprocessor(settings.preprocessing, bundle.preprocessing_tables)
        threads = thread_count(threads)
        # Before the session, whose packed weights take up what the making of a tokenizer leaves free: 14 MB less
        # of a RoBERTa-base's 196.
        with bundle.named():
            self._tokenizer = _tokenizer(bundle, threaded=threads >= available_cpus())
        self._session = session_of(bundle, threads=threads)
        self.dimension, self.rank = self._session.dimension, self._session.rank

    def encode(self, texts: Texts, *, preprocess: bool) -> list[Encoding]:
        """How the model reads each text; offsets point into the text as it was given."""
        return self._tokenizer.encode(self._prepare(as_texts(texts), preprocess))

    def rows(self, texts: Texts, finish: Finish, *, preprocess: bool) -> Iterator[Floats]:
        """One row a text, float32 (texts, …), a chunk at a time, each chunk's batched among themselves."""
        for chunk in _chunks(texts, CHUNK):
            yield np.stack(self._run(self._ids(chunk, preprocess), len(chunk), finish, self._cache))

    def encoded(
        self, texts: Texts, *, preprocess: bool, trimmed: bool = False
    ) -> Iterator[tuple[str, Encoding, Floats]]:
        """Each text with its encoding and the output for each of its tokens, float32 (tokens, dimension).

        With ``trimmed``, offsets leave out the white space at a token's ends.
        """
        for chunk in _chunks(texts, TOKEN_CHUNK):
            encodings = self._tokenizer.encode(self._prepare(chunk, preprocess), trimmed=trimmed)
            yield from zip(
                chunk, encodings, self._run((found.ids for found in encodings), len(chunk), np.copy), strict=True
            )

    def _prepare(self, texts: list[str], preprocess: bool) -> list[PreparedText]:
        prepare = self._preprocessor if preprocess else none
        return [prepare(text) for text in texts]

    def _ids(self, texts: list[str], preprocess: bool) -> Iterator[list[int]]:
        """The ids of each text, tokenized a piece at a time, so that others can run the batches of the last piece."""
        for start in range(0, len(texts), PIECE):
            prepared = self._prepare(texts[start : start + PIECE], preprocess)
            yield from self._tokenizer.ids([text.text for text in prepared])

    def _run(self, ids: Iterable[list[int]], count: int, finish: Finish, cache: Cache | None = None) -> list[Floats]:
        """What ``finish`` makes of each of ``count`` texts, in the order of the texts; texts with equal ids share theirs."""
        distinct = Distinct(ids, cache)
        several = count >= BULK
        run = self._session.run_alone if several else self._session.run

        def work(batch: Batch) -> None:
            for index, output in zip(batch.rows.tolist(), run(batch), strict=True):
                distinct.answer(index, finish(output))

        for_each(work, batches(distinct), threads=self._session.threads if several else 1)
        return distinct.rows()


def _tokenizer(bundle: Bundle, *, threaded: bool) -> TextTokenizer:
    settings = bundle.settings
    if bundle.compact_tokenizer is not None:
        return UnigramTokenizer(
            bundle.compact_tokenizer, max_length=settings.max_length, truncation_side=settings.truncation_side
        )
    from linnet.tokenizer import Tokenizer  # only here, for it takes time and memory that the other does without

    return Tokenizer(
        bundle.tokenizer_json,
        max_length=settings.max_length,
        truncation_side=settings.truncation_side,
        vocab_size=bundle.config["vocab_size"],
        unk_token_id=settings.unk_token_id,
        threaded=threaded,
    )


def _chunks(texts: Texts, size: int) -> Iterator[list[str]]:
    chunk: list[str] = []
    for text in iterate_texts(texts):
        if not chunk:
            last = monotonic() + PATIENCE
        chunk.append(text)
        if len(chunk) == size or monotonic() > last:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
