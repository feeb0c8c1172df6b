"""A text → the same text without some of its words."""

from collections.abc import Iterable, Iterator, Sequence

from ..tokenization.encoding import Span


class Variants:
    """Makes the variants of a text that have only some of its words.

    A word is removed with the white space before it. Words that the model does not read, because they were truncated
    or have no token, are in no variant: a word that is removed does not let others in.

    Args:
        text: the user's text.
        spans: the words that the model reads.
        truncated: True if the model does not read the whole text.
    """

    def __init__(self, text: str, spans: Sequence[Span], *, truncated: bool) -> None:
        self._text = text
        self._gaps = [_space_before(text, start) for start, _ in spans]
        self._words = [text[start:end] for start, end in spans]
        self._end = "" if truncated else text[len(text.rstrip()) :]

    def texts(self, choices: Iterable[Sequence[bool]]) -> Iterator[str]:
        """Yields the text, an empty text, and for each choice of words the text with only these, at least one."""
        yield self._text
        yield ""
        yield from map(self._of, choices)

    def _of(self, kept: Sequence[bool]) -> str:
        parts = [gap + word for gap, word, keep in zip(self._gaps, self._words, kept, strict=True) if keep]
        return self._gaps[0] + "".join(parts).lstrip() + self._end


def _space_before(text: str, end: int) -> str:
    start = end
    while start > 0 and text[start - 1].isspace():
        start -= 1
    return text[start:end]
