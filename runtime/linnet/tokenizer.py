"""Text → encoding. The only module that imports `tokenizers`."""

from collections.abc import Sequence
from dataclasses import dataclass

import tokenizers

from linnet.errors import BundleFormatError
from linnet.preprocessing import PreparedText


@dataclass(frozen=True)
class Encoding:
    """One text as the model reads it: special tokens included, truncated.

    All four are of one length. Offsets are in characters and point into the text as the user gave it,
    ``(0, 0)`` for special tokens, which ``special_tokens_mask`` marks with 1: those that frame the text.
    """

    ids: list[int]
    tokens: list[str]
    offsets: list[tuple[int, int]]
    special_tokens_mask: list[int]


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

    def encode(self, texts: Sequence[PreparedText], *, trimmed: bool = False) -> list[Encoding]:
        """The encodings of prepared texts.

        Tokenizers differ in whether they reckon the space before a word to its first piece; with
        ``trimmed``, offsets leave out the white space at a piece's ends.
        """
        found = self._tokenizer.encode_batch([text.text for text in texts])
        return [_encoding(text, encoding, trimmed) for text, encoding in zip(texts, found, strict=True)]


def _encoding(text: PreparedText, found: tokenizers.Encoding, trimmed: bool) -> Encoding:
    # Before they point into the user's text: a space and what follows it may have been far apart there.
    offsets = [
        (0, 0) if special else text.source_span(*(_trimmed(text.text, *span) if trimmed else span))
        for span, special in zip(found.offsets, found.special_tokens_mask, strict=True)
    ]
    return Encoding(found.ids, found.tokens, offsets, found.special_tokens_mask)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
