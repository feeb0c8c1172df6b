"""Encodes texts with a ``tokenizer.json``. The only module that imports `tokenizers`."""

import os
from collections.abc import Callable, Sequence

import tokenizers

from ..errors import BundleFormatError
from ..fields import malformed
from ..names import SETTINGS
from ..preprocessing import PreparedText
from ..system.threads import startable
from .encoding import Encoding, TokenIds, source_offsets

_Encode = Callable[[Sequence[str]], list[tokenizers.Encoding]]

_LONG = 50_000
"""Characters from which a text takes some tenths of a second."""


class Tokenizer:
    """A tokenizer from a ``tokenizer.json``, which truncates at ``max_length`` tokens and never pads.

    Args:
        tokenizer_json: the content of the file.
        max_length: the maximum number of tokens of a text, special tokens included.
        truncation_side: ``left`` or ``right``, the side on which a longer text is cut.
        vocab_size: with ``unk_token_id``, the number of ids that the model knows.
        unk_token_id: the id that replaces ids from ``vocab_size`` on; None if the file has no such ids.
        threaded: True to encode several texts on the threads of `tokenizers`, one per processor; False to use
            only the caller's thread.

    Raises:
        BundleFormatError: this version of `tokenizers` cannot read the file, or the file has no token ``unk_token_id``.
    """

    def __init__(
        self,
        tokenizer_json: bytes,
        *,
        max_length: int,
        truncation_side: str,
        vocab_size: int = 0,
        unk_token_id: int | None = None,
        threaded: bool = True,
    ) -> None:
        try:
            self._tokenizer = tokenizers.Tokenizer.from_buffer(tokenizer_json)
        except Exception as error:  # tokenizers raises a bare Exception
            raise BundleFormatError(
                f"tokenizers {tokenizers.__version__} cannot read tokenizer.json: {error}; "
                "try pip install --upgrade tokenizers"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length, direction=truncation_side)
        self._max_length = max_length
        self._vocab_size, self._unk_token_id, self._threaded = vocab_size, unk_token_id, threaded
        self._started = False
        self._unk_token = "" if unk_token_id is None else self._token(unk_token_id)

    def ids(self, texts: Sequence[str]) -> list[TokenIds]:
        """Returns only the ids of each text, which is faster than `encode`."""
        return [
            TokenIds(self._known(found.ids), self._is_truncated(found))
            for found in self._encoded(texts, self._tokenizer.encode_batch_fast)
        ]

    def encode(self, texts: Sequence[PreparedText], *, trimmed: bool = False) -> list[Encoding]:
        """Returns the encodings of prepared texts; see `linnet.tokenization.encoding.TextTokenizer`."""
        found = self._encoded([text.text for text in texts], self._tokenizer.encode_batch)
        return [self._encoding(text, encoding, trimmed) for text, encoding in zip(texts, found, strict=True)]

    def _encoded(self, texts: Sequence[str], several: _Encode) -> list[tokenizers.Encoding]:
        # The first call of ``several`` starts threads that never end, so one text does not use it: except a long
        # one, because ``encode`` lets no other thread of Python run, and so no signal be heeded.
        if (self._threaded and len(texts) > 1) or any(len(text) > _LONG for text in texts):
            self._started = self._started or startable(_threads_of_tokenizers()) == _threads_of_tokenizers()
            if self._started:  # else `tokenizers` would panic
                return several(texts)
        return [self._tokenizer.encode(text) for text in texts]

    def _encoding(self, text: PreparedText, found: tokenizers.Encoding, trimmed: bool) -> Encoding:
        offsets = source_offsets(text, found.offsets, found.special_tokens_mask, trimmed=trimmed)
        ids, tokens = found.ids, found.tokens
        if self._unk_token_id is not None:
            known = [index < self._vocab_size for index in ids]
            tokens = [token if kept else self._unk_token for token, kept in zip(tokens, known, strict=True)]
        truncated = self._is_truncated(found)
        return Encoding(self._known(ids), tokens, offsets, found.special_tokens_mask, truncated=truncated)

    def _is_truncated(self, found: tokenizers.Encoding) -> bool:
        return len(found) >= self._max_length and bool(found.overflowing)

    def _known(self, ids: list[int]) -> list[int]:
        """Returns the ids, with ``unk_token_id`` in place of those that the model does not have."""
        size, unknown = self._vocab_size, self._unk_token_id
        if unknown is None or max(ids, default=0) < size:
            return ids
        return [index if index < size else unknown for index in ids]

    def _token(self, index: int) -> str:
        token: str | None = self._tokenizer.id_to_token(index)
        if token is None:
            raise malformed(f"{SETTINGS}: expected unk_token_id to be in tokenizer.json, found {index}")
        return token


def _threads_of_tokenizers() -> int:
    """Returns how many threads `tokenizers` starts at most."""
    given = os.environ.get("RAYON_NUM_THREADS", "")
    if given.isdecimal() and int(given):
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
