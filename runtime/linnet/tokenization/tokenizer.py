"""Encodes texts with a ``tokenizer.json``. The only module that imports `tokenizers`."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import tokenizers

from ..errors import BundleFormatError
from ..fields import malformed
from ..names import SETTINGS
from ..preprocessing import PreparedText
from .encoding import Encoding, TokenIds, source_offsets
from .separation import Added, separates_words

_Encode = Callable[[Sequence[str]], list[tokenizers.Encoding]]


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
        self.separates_words = _separates_words(self._tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length, direction=truncation_side)
        self._max_length = max_length
        self._vocab_size, self._unk_token_id, self._threaded = vocab_size, unk_token_id, threaded
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

    def overflows(self, text: str) -> bool:
        """Returns whether a prepared text has more than twice as many tokens as the model reads."""
        return len(self._tokenizer.encode(text).overflowing) > 1

    def _encoded(self, texts: Sequence[str], several: _Encode) -> list[tokenizers.Encoding]:
        # The first call of ``several`` starts threads that never end, so one text does not use it.
        if self._threaded and len(texts) > 1:
            return several(texts)
        return [self._tokenizer.encode(text) for text in texts]

    def _encoding(self, text: PreparedText, found: tokenizers.Encoding, trimmed: bool) -> Encoding:
        offsets = source_offsets(text, found.offsets, found.special_tokens_mask, trimmed=trimmed)
        ids, tokens = found.ids, found.tokens
        if self._unk_token_id is not None:
            known = [index < self._vocab_size for index in ids]
            tokens = [token if kept else self._unk_token for token, kept in zip(tokens, known, strict=True)]
        truncated = text.is_part or self._is_truncated(found)
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


def _separates_words(tokenizer: tokenizers.Tokenizer) -> bool:
    """Returns whether spaces separate the words of a tokenizer."""
    normalizer, pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer

    def normalized(text: str) -> str:
        return text if normalizer is None else str(normalizer.normalize_str(text))

    if normalized("a a").count(" ") != 1 or getattr(tokenizer.model, "dropout", None):
        return False
    added = [
        Added(normalized(token.content) if token.normalized else token.content, token.rstrip)
        for token in tokenizer.get_added_tokens_decoder().values()
    ]
    return separates_words(_state(normalizer), _state(pre_tokenizer), added)


def _state(part: Any) -> dict[str, Any] | None:
    """Returns a part of a tokenizer as it is in ``tokenizer.json``."""
    return None if part is None else json.loads(part.__getstate__())
