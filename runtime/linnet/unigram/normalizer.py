"""Text → words as a Unigram model reads them, each of which begins with ``▁``."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from linnet.encoding import Span
from linnet.preprocessing import Edit
from linnet.unigram.charsmap import Charsmap

SPACE = "▁"
"""What stands for a space."""

_SPACES = re.compile(" {2,}")


@dataclass(frozen=True)
class Word:
    """A word and, for each of its characters, the characters of the text that it stands for."""

    text: str
    spans: Sequence[Span]


class Normalizer:
    """The normalizer and pre-tokenizer of a compact tokenizer, as its settings have them.

    Args:
        charsmap: the replacements that come first.
        white_space: the characters of white space.
        strip: whether white space at the end is left out.
        collapsed: what two spaces or more become, unless None.
        split: whether words are what white space separates; else what spaces do.
    """

    def __init__(
        self, charsmap: Charsmap, white_space: str, *, strip: bool, collapsed: str | None, split: bool
    ) -> None:
        self._charsmap, self._strip, self._collapsed, self._split = charsmap, strip, collapsed, split
        self._white_space = white_space
        self._parts = re.compile(f"[^{re.escape(white_space)}]+")

    def words(self, text: str) -> list[str]:
        """The words without their first ``▁``."""
        text = self._charsmap.apply(text)
        if self._strip:
            text = text.rstrip(self._white_space)
        if self._collapsed is not None and "  " in text:
            text = _SPACES.sub(self._collapsed, text)
        if self._split:
            return [word for part in self._parts.findall(text) for word in _words(part)]
        return _words(text.replace(" ", SPACE)) if text else []

    def aligned(self, text: str, shift: int) -> list[Word]:
        """The words as they are, with their places in a longer text in which this one begins at ``shift``."""
        text, spans = _applied(text, self._charsmap.edits(text), shift)
        if self._strip:
            text = text.rstrip(self._white_space)
            spans = spans[: len(text)]
        if self._collapsed is not None and "  " in text:
            text, spans = _collapsed(text, spans, self._collapsed)
        if self._split:
            bounds = [match.span() for match in self._parts.finditer(text)]
        else:
            text, bounds = text.replace(" ", SPACE), [(0, len(text))] if text else []
        return [word for start, end in bounds for word in _aligned_words(text[start:end], spans[start:end])]


def _words(text: str) -> list[str]:
    return text.removeprefix(SPACE).split(SPACE)


def _aligned_words(text: str, spans: list[Span]) -> list[Word]:
    if not text.startswith(SPACE):
        text, spans = SPACE + text, [spans[0], *spans]
    starts = [match.start() for match in re.finditer(SPACE, text)]
    return [
        Word(text[start:end], spans[start:end]) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]


def _collapsed(text: str, spans: list[Span], replacement: str) -> tuple[str, list[Span]]:
    """The text and its spans after the runs of spaces in it are replaced: each has the place of its last space."""
    kept: list[Span] = []
    position = 0
    for match in _SPACES.finditer(text):
        kept += spans[position : match.start()]
        kept += [spans[match.end() - 1]] * len(replacement)
        position = match.end()
    return _SPACES.sub(replacement, text), kept + spans[position:]


def _applied(text: str, edits: Iterable[Edit], shift: int) -> tuple[str, list[Span]]:
    """The text after the edits, and where each of its characters stood, the first one of the text at ``shift``.

    As `tokenizers` reckons it, a replacement's characters take the places of as many that it replaces, in turn;
    what it has more stand where the last of those did; what it has fewer are passed over with the character
    before them. Where there is none before, they are not passed over, and all that follow stand further left.
    """
    characters: list[str] = []
    changes: list[int] = []
    position = 0
    for edit in edits:
        kept = text[position : edit.start]
        characters += [kept, edit.replacement]
        changes += [0] * (len(kept) + len(edit.replacement))
        more = len(edit.replacement) - (edit.end - edit.start)
        if more > 0:
            changes[-more:] = [1] * more
        elif more < 0 and changes:
            changes[-1] += more
        position = edit.end
    characters.append(text[position:])
    changes += [0] * (len(text) - position)
    return "".join(characters), list(_places(changes, shift))


def _places(changes: Iterable[int], shift: int) -> Iterable[Span]:
    """Where characters stood: 1 for one that was added, else the one in its turn, -n with n more passed over."""
    place = shift
    for change in changes:
        if change > 0:
            yield place - 1, place
        else:
            yield place, place + 1
            place += 1 - change
