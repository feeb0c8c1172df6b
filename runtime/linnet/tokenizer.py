"""Text → encoding. The only module that imports `tokenizers`."""

from collections.abc import Sequence
from dataclasses import dataclass

import tokenizers

from linnet.errors import BundleFormatError
from linnet.preprocessing import PreparedText


@dataclass(frozen=True)
class Encoding:
    """One text as the model reads it: special tokens included, truncated.

    ``ids``, ``tokens`` and ``offsets`` are of one length. Offsets are in characters and point into
    the text as the user gave it, ``(0, 0)`` for special tokens.
    """

    ids: list[int]
    tokens: list[str]
    offsets: list[tuple[int, int]]


class Tokenizer:
    """A ``tokenizer.json`` that truncates at ``max_length`` tokens, and never pads."""

    def __init__(self, tokenizer_json: bytes, *, max_length: int, truncation_side: str) -> None:
        try:
            self._tokenizer = tokenizers.Tokenizer.from_buffer(tokenizer_json)
        except Exception as error:  # tokenizers raises a bare Exception
            raise BundleFormatError(
                f"tokenizers {tokenizers.__version__} cannot read tokenizer.json: {error}; "
                "try pip install --upgrade tokenizers"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length, direction=truncation_side)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids alone, which is quicker than `encode`."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]

    def encode(self, texts: Sequence[PreparedText]) -> list[Encoding]:
        """The encodings of prepared texts."""
        found = self._tokenizer.encode_batch([text.text for text in texts])
        return [_encoding(text, encoding) for text, encoding in zip(texts, found, strict=True)]


def _encoding(text: PreparedText, found: tokenizers.Encoding) -> Encoding:
    offsets = [
        (0, 0) if special else text.source_span(*span)
        for span, special in zip(found.offsets, found.special_tokens_mask, strict=True)
    ]
    return Encoding(found.ids, found.tokens, offsets)
