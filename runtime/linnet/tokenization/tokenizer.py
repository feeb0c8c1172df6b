"""Encodes texts with a ``tokenizer.json``. The only module that imports `tokenizers`."""

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import tokenizers

from ..errors import BundleFormatError
from ..fields import malformed, shown
from ..names import CONFIG, SETTINGS, TOKENIZER
from ..preprocessing import PreparedText
from ..system.threads import startable
from .encoding import Encoding, TokenIds, source_offsets
from .permitted import check_parts
from .separation import Added, Separation, separation

_T = TypeVar("_T")

_Encode = Callable[[Sequence[str]], list[tokenizers.Encoding]]

_LONG = 50_000  # characters, from which a text takes some tenths of a second
_LIMITS = {"max_input_chars_per_word": 1000, "continuing_subword_prefix": 16, "end_of_word_suffix": 16}
"""The most that a model's settings may be: characters that a word of quadratic time has, characters of affixes."""
_RARE = "a\u1b05\ua66e\U00010380"  # characters that few vocabularies have: they show if the unknown token is there


class Tokenizer:
    """A tokenizer from a ``tokenizer.json``, which truncates at ``max_length`` tokens and never pads.

    Args:
        tokenizer_json: the content of the file.
        max_length: the maximum number of tokens of a text, special tokens included.
        truncation_side: ``left`` or ``right``, the side on which a longer text is cut.
        vocab_size: the number of ids that the model knows; None if any id will do.
        unk_token_id: the id that replaces ids from ``vocab_size`` on; None if the file has no such ids.
        threaded: True to encode several texts on the threads of `tokenizers`, one per processor; False to use
            only the caller's thread.

    Raises:
        BundleFormatError: this version of `tokenizers` cannot read the file, the file has a step that Linnet does not
            write, no token ``unk_token_id``, or ids that the model does not know.
    """

    def __init__(
        self,
        tokenizer_json: bytes,
        *,
        max_length: int,
        truncation_side: str,
        vocab_size: int | None = None,
        unk_token_id: int | None = None,
        threaded: bool = True,
    ) -> None:
        with _reported("read tokenizer.json"):
            check_parts(tokenizer_json)
            self._tokenizer = tokenizers.Tokenizer.from_buffer(tokenizer_json)
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(max_length, direction=truncation_side)
            self.separation = _separation(self._tokenizer)
        self._max_length, self._side = max_length, truncation_side
        self._vocab_size, self._unk_token_id, self._threaded = vocab_size, unk_token_id, threaded
        self._started = False
        self._unk_token = "" if unk_token_id is None else self._token(unk_token_id)
        self._check_model()
        if vocab_size is not None and unk_token_id is None:
            self._check_ids(tokenizer_json, vocab_size)
        self._check_special_tokens(max_length)

    def ids(self, texts: Sequence[str]) -> list[TokenIds]:
        """Returns only the ids of each text, which is faster than `encode`."""
        return [
            TokenIds(self._known(found.ids), self._is_truncated(found))
            for found in self._encoded(texts, self._tokenizer.encode_batch_fast)
        ]

    def encode(self, texts: Sequence[PreparedText], *, trimmed: bool = False, whole: bool = False) -> list[Encoding]:
        """Returns the encodings of prepared texts; see `linnet.tokenization.encoding.TextTokenizer`."""
        found = self._encoded([text.text for text in texts], self._tokenizer.encode_batch)
        encodings = [self._encoding(text, encoding, trimmed) for text, encoding in zip(texts, found, strict=True)]
        if not whole:
            return encodings
        return [
            self._joined([encoding, *(self._encoding(text, rest, trimmed) for rest in one.overflowing)])
            for text, one, encoding in zip(texts, found, encodings, strict=True)
        ]

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool) -> str:
        """Returns the text of ids; see `linnet.tokenization.encoding.TextTokenizer`."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=skip_special_tokens))

    def overflows(self, text: str) -> bool:
        """Returns whether a prepared text has more than twice as many tokens as the model reads."""
        (found,) = self._encoded([text], self._tokenizer.encode_batch_fast)
        return len(found.overflowing) > 1

    def _encoded(self, texts: Sequence[str], several: _Encode) -> list[tokenizers.Encoding]:
        with _reported("encode a text with tokenizer.json"):
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
            tokens = [
                token if index == kept else self._unk_token
                for token, index, kept in zip(tokens, ids, self._known(ids), strict=True)
            ]
        truncated = text.is_part or self._is_truncated(found)
        return Encoding(self._known(ids), tokens, offsets, found.special_tokens_mask, truncated=truncated)

    def _joined(self, parts: list[Encoding]) -> Encoding:
        """Returns the encoding of a whole text from its parts: what the model reads, and what was cut off, in order.

        Each part has the special tokens around it. `tokenizers` keeps what it cuts off, so a second tokenizer that
        does not truncate, which takes as much memory as the first, is not needed.
        """
        if self._side == "left":
            parts = parts[::-1]
        mask = parts[0].special_tokens_mask
        if len(parts) == 1 or 0 not in mask:
            return replace(parts[0], truncated=False)
        first, end = mask.index(0), len(mask) - mask[::-1].index(0)
        ends = slice(0, first), slice(end, None)
        inner = [
            (part, index) for part in parts for index, special in enumerate(part.special_tokens_mask) if not special
        ]

        def joined(of: Callable[[Encoding], list[_T]]) -> list[_T]:
            before, after = (of(parts[0])[side] for side in ends)
            return [*before, *(of(part)[index] for part, index in inner), *after]

        return Encoding(
            joined(lambda part: part.ids),
            joined(lambda part: part.tokens),
            joined(lambda part: part.offsets),
            joined(lambda part: part.special_tokens_mask),
        )

    def _is_truncated(self, found: tokenizers.Encoding) -> bool:
        return len(found) >= self._max_length and bool(found.overflowing)

    def _known(self, ids: list[int]) -> list[int]:
        """Returns the ids, with ``unk_token_id`` in place of those that the model does not have."""
        size, unknown = self._vocab_size, self._unk_token_id
        if unknown is None or size is None or max(ids, default=0) < size:
            return ids
        return [index if index < size else unknown for index in ids]

    def _token(self, index: int) -> str:
        token: str | None = self._tokenizer.id_to_token(index)
        if token is None:
            raise malformed(f"{SETTINGS}: expected unk_token_id to be in tokenizer.json, found {index}")
        return token

    def _check_model(self) -> None:
        """Checks the settings of the model that decide how long a word takes, and that a text always gets one answer."""
        model = self._tokenizer.model
        if getattr(model, "dropout", None):
            raise malformed(f"{TOKENIZER}: expected no dropout, which is random, found {model.dropout}")
        for name, most in _LIMITS.items():
            found = getattr(model, name, None) or 0
            if (found if isinstance(found, int) else len(found)) > most:
                raise malformed(f"{TOKENIZER}: expected {name} of at most {most}, found {shown(found)}")

    def _check_ids(self, content: bytes, vocab_size: int) -> None:
        """Checks that the model knows every id."""
        added = self._tokenizer.get_added_tokens_decoder()
        largest = max(self._tokenizer.get_vocab_size(with_added_tokens=False) - 1, *added, 0)
        # To look at the numbers after colons takes a third of the time of asking for the vocabulary.
        if _may_have_id(content, vocab_size):
            largest = max(largest, *self._tokenizer.get_vocab(with_added_tokens=True).values())
        if largest >= vocab_size:
            raise malformed(
                f"{TOKENIZER}: expected ids below {vocab_size}, the vocab_size in {CONFIG}, found {largest}"
            )

    def _check_special_tokens(self, max_length: int) -> None:
        if (special := self._tokenizer.num_special_tokens_to_add(is_pair=False)) >= max_length:
            raise malformed(
                f"{TOKENIZER}: expected fewer special tokens than max_length, {max_length}, found {special}"
            )
        for text in ("", _RARE):
            (encoding,) = self._encoded([text], self._tokenizer.encode_batch)
            if self._vocab_size and max(self._known(encoding.ids), default=0) >= self._vocab_size:
                raise malformed(
                    f"{TOKENIZER}: expected special tokens below {self._vocab_size}, the vocab_size in {CONFIG}, "
                    f"found {encoding.ids}"
                )


def _may_have_id(content: bytes, least: int) -> bool:
    """Returns whether a number from ``least`` on stands after a colon: an id, or a part of a piece."""
    pattern = rb":\s*(\d{%d,20})" % len(str(least))  # numbers of fewer digits are smaller
    return any(int(found[1]) >= least for found in re.finditer(pattern, content))


@contextmanager
def _reported(doing: str) -> Iterator[None]:
    """Turns what `tokenizers` raises, bare exceptions and Rust's panics, into a `BundleFormatError`."""
    try:
        yield
    except BundleFormatError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise BundleFormatError(
            f"tokenizers {tokenizers.__version__} cannot {doing}: {shown(str(error))}; "
            "try pip install --upgrade tokenizers"
        ) from error


def _threads_of_tokenizers() -> int:
    """Returns how many threads `tokenizers` starts at most."""
    given = os.environ.get("RAYON_NUM_THREADS", "")
    if given.isdecimal() and int(given):
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _separation(tokenizer: tokenizers.Tokenizer) -> Separation:
    """Returns whether spaces separate the words of a tokenizer."""
    normalizer, pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer

    def normalized(text: str) -> str:
        return text if normalizer is None else str(normalizer.normalize_str(text))

    if normalized("a a").count(" ") != 1 or getattr(tokenizer.model, "dropout", None):
        return Separation(words=False)
    added = [
        Added(normalized(token.content) if token.normalized else token.content, token.rstrip)
        for token in tokenizer.get_added_tokens_decoder().values()
    ]
    return separation(_state(normalizer), _state(pre_tokenizer), added)


def _state(part: Any) -> dict[str, Any] | None:
    """Returns a part of a tokenizer as it is in ``tokenizer.json``."""
    return None if part is None else json.loads(part.__getstate__())
