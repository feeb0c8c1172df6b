"""Texts → the graph's outputs: the steps that all tasks share."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from math import ceil
from typing import NamedTuple

import numpy as np

from .arrays import Floats
from .bundle.opening import Bundle
from .inference.batching import TOKEN_BUDGET, Batch, batches
from .inference.cpu import available_cpus, thread_count
from .inference.distinct import Cache, Distinct
from .inference.internals import InternalArrays
from .inference.memory import trim
from .inference.scheduling import for_each
from .packing.fitting import internals_session_of, session_of
from .preprocessing import PreparedText, none, prepares_apart, preprocessor
from .texts import Texts, as_texts, chunks
from .tokenization.cutting import Cutting
from .tokenization.encoding import Encoding, TextTokenizer, TokenIds, at_least_one
from .tokenization.unigram import UnigramTokenizer
from .tokenization.windows import TextWindows, WindowCutter

CHUNK = 2048
"""The most texts that are read ahead, so that texts of the same length can share a batch.

Compared with 512: 2 % more tweets per second for a RoBERTa-base, 7 % for a MiniLM.
"""

TOKEN_CHUNK = 64
"""The most texts that are read ahead when every token's vector is kept.

64 texts of 512 tokens and 768 dimensions take 100 MB.
"""

BULK = 64
"""The number of texts from which each thread runs its own batch; with fewer, all threads share one batch at a time.

With their own batches, 2 threads run a RoBERTa-base 1.3 times as fast as when they share each batch, and 1.4 times as
fast as when runs of one session with 2 threads overlap. The cost: the graph is loaded a second time.
"""

PIECE = 128
"""The number of texts that are tokenized at a time."""

Finish = Callable[[Floats], Floats]
"""A function: the graph's output for one text → the row to keep."""


class Rows(NamedTuple):
    """A row for each text of a chunk, and how the texts were read."""

    values: Floats
    """float32 (texts, …)."""
    read: list[TokenIds]


class WindowRows(NamedTuple):
    """A row for each window of the texts of a chunk, and the windows of each text."""

    values: Floats
    """float32 (windows, …), those of one text after those of another."""
    read: list[TextWindows]


class Encoder:
    """A bundle's preprocessing, tokenizer and session, run in this order. Several threads may call it at once.

    ``dimension`` is the last dimension of the graph's output and ``rank`` the number of its dimensions, both
    as the graph declares them. ``tokenizer`` and ``session`` are those of the bundle.

    Args:
        bundle: an opened bundle.
        task: the task that the bundle must have.
        threads: the number of threads; by default the value of ``LINNET_THREADS``, else one per processor.
        cache: how many distinct texts' rows to remember between calls; by default none.
        model: the content of an ONNX graph over the bundle's weights, to run instead of the bundle's own.

    Raises:
        BundleFormatError: the bundle is for another task, or its files cannot be loaded.
        ValueError: ``threads`` or ``cache`` is out of range.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        task: str,
        threads: int | None = None,
        cache: int | None = None,
        model: bytes | None = None,
    ) -> None:
        bundle.expect_task(task)
        self._cache = None if cache is None else Cache(cache)
        settings = bundle.settings
        with bundle.named():
            self._preset = settings.preprocessing
            self._preprocessor = preprocessor(settings.preprocessing, bundle.preprocessing_tables)
        threads = thread_count(threads)
        # Made before the session: the session's packed weights then reuse the memory that making the tokenizer
        # frees. This saves 14 of the 196 MB of a RoBERTa-base.
        with bundle.named():
            self.tokenizer = _tokenizer(bundle, threaded=threads >= available_cpus())
        self._cutting = Cutting(self.tokenizer, settings.max_length, left=settings.truncation_side == "left")
        self._max_length = settings.max_length
        self.session = session_of(bundle, threads=threads, model=model)
        self._internals = internals_session_of(bundle, threads=threads)
        trim()
        self.dimension, self.rank = self.session.dimension, self.session.rank

    def encode(self, texts: Texts, *, preprocess: bool, trimmed: bool = False, whole: bool = False) -> list[Encoding]:
        """Returns each text's encoding; offsets point into the text as the caller gave it.

        With ``trimmed``, offsets exclude the white space at a token's ends. With ``whole``, nothing is truncated.
        """
        found = as_texts(texts)
        if whole:
            prepare = self._preprocessor if preprocess else none
            return self.tokenizer.encode([prepare(text) for text in found], trimmed=trimmed, whole=True)
        return self.tokenizer.encode(self._prepare(found, preprocess), trimmed=trimmed)

    def read(self, texts: Texts, *, preprocess: bool) -> list[TokenIds]:
        """Returns the ids of each text, for a program that runs batches of its own in `session`."""
        read: list[TokenIds] = []
        list(self._ids(as_texts(texts), preprocess, read))
        return read

    def rows(self, texts: Texts, finish: Finish, *, preprocess: bool, alike: int | None = None) -> Iterator[Rows]:
        """Yields one row per text, chunk by chunk; batches never cross chunks.

        ``alike`` is the number of texts if they are known to be about equally long: however few they are, each thread
        then runs batches of its own, and an equal share of the texts.
        """
        for chunk in chunks(texts, CHUNK):
            read: list[TokenIds] = []
            rows = self._run(self._ids(chunk, preprocess, read), finish, self._cache, alike)
            yield Rows(np.stack(rows), read)

    def windows(
        self, texts: Texts, finish: Finish, *, preprocess: bool, overlap: int | None = None
    ) -> Iterator[WindowRows]:
        """Yields one row per window of each text, chunk by chunk.

        A text that the model reads at once is one window, with the row that `rows` gives. ``overlap`` is the number
        of tokens that neighbouring windows share; by default a quarter of a window.
        """
        specials = len(self.tokenizer.ids([""])[0].ids)
        cutter = WindowCutter(self._max_length - specials, specials, overlap)
        for chunk in chunks(texts, CHUNK):
            read: list[TextWindows] = []
            rows = self._run(self._window_ids(chunk, preprocess, cutter, read), finish, self._cache)
            yield WindowRows(np.stack(rows), read)

    def encoded(
        self, texts: Texts, *, preprocess: bool, trimmed: bool = False
    ) -> Iterator[tuple[str, Encoding, Floats]]:
        """Yields each text with its encoding and the output for each of its tokens, float32 (tokens, dimension).

        With ``trimmed``, offsets exclude the white space at a token's ends.
        """
        for chunk in chunks(texts, TOKEN_CHUNK):
            encodings = self.tokenizer.encode(self._prepare(chunk, preprocess), trimmed=trimmed)
            yield from zip(chunk, encodings, self._run((found.ids for found in encodings), np.copy), strict=True)

    def internals(self, text: str, *, preprocess: bool) -> tuple[Encoding, InternalArrays]:
        """Returns a text's encoding, and its hidden states and attentions as a batch of one."""
        [encoding] = self.encode(text, preprocess=preprocess)
        [batch] = batches([at_least_one(encoding.ids)])
        return encoding, self._internals.run(batch)

    def _prepare(self, texts: list[str], preprocess: bool) -> list[PreparedText]:
        prepare = self._preprocessor if preprocess else none
        return [
            self._cutting.prepared(text, prepare, apart=not preprocess or prepares_apart(self._preset, text))
            for text in texts
        ]

    def _ids(self, texts: list[str], preprocess: bool, read: list[TokenIds]) -> Iterator[list[int]]:
        """Yields each text's ids, and appends how it was read to ``read``.

        Tokenizes `PIECE` texts at a time, so that other threads run batches meanwhile.
        """
        for start in range(0, len(texts), PIECE):
            prepared = self._prepare(texts[start : start + PIECE], preprocess)
            found = self.tokenizer.ids([text.text for text in prepared])
            for text, each in zip(prepared, found, strict=True):
                read.append(each._replace(truncated=each.truncated or text.is_part))
                yield each.ids

    def _window_ids(
        self, texts: list[str], preprocess: bool, cutter: WindowCutter, read: list[TextWindows]
    ) -> Iterator[list[int]]:
        """Yields the ids of each text's windows, and appends the windows to ``read``.

        Only the texts that the model does not read at once are tokenized whole, one at a time.
        """
        prepare = self._preprocessor if preprocess else none
        found: list[TokenIds] = []
        for number, _ in enumerate(self._ids(texts, preprocess, found)):
            text, complete = texts[number], found[number].complete
            if found[number].truncated:
                [encoding] = self.tokenizer.encode([prepare(text)], whole=True)
                windows, complete = cutter.windows(text, encoding), encoding.complete
            else:
                windows = [cutter.whole(text, found[number])]
            spans, tokens = [each.span for each in windows], [each.tokens for each in windows]
            read.append(TextWindows(text, spans, tokens, complete))
            yield from (each.ids for each in windows)

    def _run(
        self, ids: Iterator[list[int]], finish: Finish, cache: Cache | None = None, alike: int | None = None
    ) -> list[Floats]:
        """Returns the row that ``finish`` makes for the ids of each text, in order; equal ids share one row."""
        ids = map(at_least_one, ids)
        some = list(islice(ids, BULK))
        several = len(some) == BULK or alike is not None
        share = TOKEN_BUDGET if alike is None else ceil(alike / self.session.threads) * max(map(len, some))
        distinct = Distinct(chain(some, ids), cache)
        run = self.session.run_alone if several else self.session.run

        def work(batch: Batch) -> None:
            for index, output in zip(batch.rows.tolist(), run(batch), strict=True):
                distinct.answer(index, finish(output))

        shares = batches(distinct, token_budget=min(share, TOKEN_BUDGET))
        for_each(work, shares, threads=self.session.threads if several else 1)
        return distinct.rows()


def _tokenizer(bundle: Bundle, *, threaded: bool) -> TextTokenizer:
    settings = bundle.settings
    if bundle.compact_tokenizer is not None:
        return UnigramTokenizer(
            bundle.compact_tokenizer,
            max_length=settings.max_length,
            truncation_side=settings.truncation_side,
            vocab_size=bundle.config["vocab_size"],
        )
    from .tokenization.tokenizer import Tokenizer  # here, because it takes time and memory that the other saves

    return Tokenizer(
        bundle.tokenizer_json,
        max_length=settings.max_length,
        truncation_side=settings.truncation_side,
        vocab_size=bundle.config["vocab_size"],
        unk_token_id=settings.unk_token_id,
        threaded=threaded,
    )
