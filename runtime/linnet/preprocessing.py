"""Text to the text that a checkpoint was trained on, with the way back to the user's own offsets."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Edit:
    """Replaces the characters ``start:end`` of a text by ``replacement``."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True)
class PreparedText:
    """A text after preprocessing, and the edits that made it, in order and apart from each other."""

    text: str
    edits: tuple[Edit, ...] = ()

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters ``start:end`` of this text stood in the user's text.

        A replacement is one unit: part of it stands for the whole of what it replaced.
        """
        if not self.edits:
            return start, end
        first = self._source(start)[0]
        return first, self._source(end - 1)[1] if end > start else first

    def _source(self, position: int) -> tuple[int, int]:
        index = bisect_right(self._edit_starts, position) - 1
        if index < 0:
            return position, position + 1
        edit = self.edits[index]
        beyond = position - self._edit_starts[index] - len(edit.replacement)
        if beyond < 0:
            return edit.start, edit.end
        return edit.end + beyond, edit.end + beyond + 1

    @cached_property
    def _edit_starts(self) -> list[int]:
        """Where each replacement begins in the prepared text."""
        starts, shift = [], 0
        for edit in self.edits:
            starts.append(edit.start + shift)
            shift += len(edit.replacement) - (edit.end - edit.start)
        return starts


Preprocessor = Callable[[str], PreparedText]


def _apply(text: str, edits: Iterable[Edit]) -> PreparedText:
    edits = tuple(edits)
    if not edits:
        return PreparedText(text)
    parts, position = [], 0
    for edit in edits:
        parts += [text[position : edit.start], edit.replacement]
        position = edit.end
    return PreparedText("".join([*parts, text[position:]]), edits)


def none(text: str) -> PreparedText:
    """The text as it is."""
    return PreparedText(text)


# Words as the cards split them, at single spaces: a line break or a tab is part of a word.
_MENTION_OR_LINK = re.compile(r"(?<![^ ])(?:@[^ ]+|http[^ ]*)")


def tweeteval(text: str) -> PreparedText:
    """As the cardiffnlp model cards prepare tweets: ``@anyone`` → ``@user``, ``http…`` → ``http``."""
    return _apply(
        text,
        (
            Edit(*match.span(), "@user" if match[0].startswith("@") else "http")
            for match in _MENTION_OR_LINK.finditer(text)
        ),
    )


PREPROCESSORS: dict[str, Preprocessor] = {"none": none, "tweeteval": tweeteval}
"""The presets, by the name that a bundle's ``linnet.json`` gives."""
