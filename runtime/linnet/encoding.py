"""What every tokenizer gives of a text, and what the encoder asks of a tokenizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from linnet.preprocessing import PreparedText

Span = tuple[int, int]
"""The characters of a text from the first number to before the second."""


@dataclass(frozen=True)
class Encoding:
    """One text as the model reads it: special tokens included, truncated.

    All lists are of one length. Offsets are in characters and point into the text as the user gave it,
    ``(0, 0)`` for special tokens, which ``special_tokens_mask`` marks with 1: those that frame the text. ``complete`` is False
    where a bundle with a smaller vocabulary than its checkpoint's lacks a piece of the text, and reads it in others.
    """

    ids: list[int]
    tokens: list[str]
    offsets: list[Span]
    special_tokens_mask: list[int]
    complete: bool = True


class TextTokenizer(Protocol):
    """Texts → encodings, truncated and never padded. Several threads may call it at once."""

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids alone, which is quicker than `encode`."""

    def encode(self, texts: Sequence[PreparedText], *, trimmed: bool = False) -> list[Encoding]:
        """The encodings of prepared texts.

        Tokenizers differ in whether they reckon the space before a word to its first piece; with
        ``trimmed``, offsets leave out the white space at a piece's ends.
        """


def source_offsets(
    text: PreparedText, spans: Sequence[Span], special_tokens_mask: Sequence[int], *, trimmed: bool
) -> list[Span]:
    """Where in the user's text each token of a prepared text stood; ``(0, 0)`` for special tokens."""
    # Trimmed before they point into the user's text: a space and what follows it may have been far apart there.
    return [
        (0, 0) if special else text.source_span(*(_trimmed(text.text, *span) if trimmed else span))
        for span, special in zip(spans, special_tokens_mask, strict=True)
    ]


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
