"""The encoding of a text, and the interface that every tokenizer implements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ..errors import TextValueError
from ..preprocessing import PreparedText
from .separation import Separation

Span = tuple[int, int]
"""The start and end of a range of characters; the end is exclusive."""


@dataclass(frozen=True)
class Encoding:
    """An encoding of one text as the model reads it: special tokens included, truncated.

    All lists have the same length.
    """

    ids: list[int]
    """The ids of the tokens."""
    tokens: list[str]
    """The tokens as text."""
    offsets: list[Span]
    """The characters of the user's text that each token stands for; ``(0, 0)`` for special tokens."""
    special_tokens_mask: list[int]
    """1 for the special tokens around the text, else 0."""
    complete: bool = True
    """False if the bundle's smaller vocabulary lacks a piece that the model would read; other pieces replace it."""
    truncated: bool = False
    """True if the text is longer than the model reads, so that its end (or its beginning) was cut off."""


class TokenIds(NamedTuple):
    """The ids of a text: an `Encoding` without tokens and offsets."""

    ids: list[int]
    truncated: bool
    complete: bool = True


class Read(Protocol):
    """How a text was read."""

    @property
    def truncated(self) -> bool:
        """True if only a part of the text was read."""

    @property
    def complete(self) -> bool:
        """False if the bundle's smaller vocabulary lacks a piece of the text."""


class Tally:
    """Counts how texts were read: ``texts`` in all, ``truncated`` ones, and ``incomplete`` ones (not `complete`)."""

    def __init__(self) -> None:
        self.texts = self.truncated = self.incomplete = 0

    def add(self, read: Iterable[Read]) -> None:
        """Counts the texts that were read."""
        for found in read:
            self.texts += 1
            self.truncated += found.truncated
            self.incomplete += not found.complete

    def add_one(self, *, truncated: bool) -> None:
        """Counts a text that was read with all its pieces."""
        self.texts += 1
        self.truncated += truncated


class TextTokenizer(Protocol):
    """Turns texts into encodings, truncated and never padded. Several threads may call it at once."""

    separation: Separation
    """Whether spaces separate words."""

    def ids(self, texts: Sequence[str]) -> list[TokenIds]:
        """Returns only the ids of each text, which is faster than `encode`."""

    def encode(self, texts: Sequence[PreparedText], *, trimmed: bool = False, whole: bool = False) -> list[Encoding]:
        """Returns the encodings of prepared texts.

        Some tokenizers count the space before a word as part of its first piece. With ``trimmed``,
        offsets exclude the white space at both ends of a piece. With ``whole``, nothing is truncated.
        """

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool) -> str:
        """Returns the text of ids, all of which the model must have.

        Raises:
            InputError: the tokenizer has only the way from texts to ids.
        """

    def overflows(self, text: str) -> bool:
        """Returns whether a prepared text has more than twice as many tokens as the model reads."""


def source_offsets(
    text: PreparedText, spans: Sequence[Span], special_tokens_mask: Sequence[int], *, trimmed: bool
) -> list[Span]:
    """Returns the span in the user's text of each token of a prepared text; ``(0, 0)`` for special tokens."""
    # Trimmed before the mapping: in the user's text, a space and the next character may be far apart.
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


def at_least_one(ids: list[int]) -> list[int]:
    """Returns a text's ids; onnxruntime cannot run a text without one, and neither can the original.

    Raises:
        TextValueError: there are none.
    """
    if not ids:
        raise TextValueError(
            "expected at least one token in each text, found a text without one: the bundle's tokenizer adds no special "
            "tokens; leave out such texts, or convert the checkpoint again"
        )
    return ids
