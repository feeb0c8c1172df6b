"""Replaces characters by SentencePiece's character map, as `tokenizers` applies it.

A grapheme cluster of less than six bytes of UTF-8 is looked up as a whole: its shortest prefix that has a
replacement replaces the whole cluster, so a mark after a replaced letter can vanish. In longer clusters each
character is looked up by itself.
"""

import re
from collections.abc import Iterator, Mapping

from ...preprocessing import Edit
from .characters import Characters

_LONGEST = 5
_SECOND_PLANE = 0x10000


class Charsmap:
    """The replacements of characters, and of short sequences of a character and its marks."""

    def __init__(self, replacements: Mapping[str, str], characters: Characters) -> None:
        self._replacements, self._characters = replacements, characters
        sequences = [key for key in replacements if len(key) > 1]
        self._firsts = frozenset(key[0] for key in sequences)
        seconds = {key[1] for key in sequences}
        triggers = {ord(key) for key in replacements if len(key) == 1} | set(map(ord, seconds))
        # Every replacement contains a trigger. The pattern does not list those beyond the first plane: `re`
        # would compare each character of a text with every one of them.
        inside = "".join(f"\\u{code:04x}" for code in sorted(triggers) if code < _SECOND_PLANE)
        if max(triggers, default=0) >= _SECOND_PLANE:
            inside += "\U00010000-\U0010ffff"
        self._trigger = re.compile(f"[{inside}]" if inside else "(?!)")

    def apply(self, text: str) -> str:
        """Returns the text after all replacements."""
        if self._trigger.search(text) is None:
            return text
        parts, position = [], 0
        for edit in self.edits(text):
            parts += [text[position : edit.start], edit.replacement]
            position = edit.end
        return "".join([*parts, text[position:]])

    def edits(self, text: str) -> Iterator[Edit]:
        """Yields the replacements in order."""
        position = 0
        for match in self._trigger.finditer(text):
            if (start := match.start()) < position:
                continue
            found = self._cluster(text, start, position)
            if found is None and (replacement := self._replacements.get(text[start])) is not None:
                found = Edit(start, start + 1, replacement)
            if found is not None:
                position = found.end
                yield found

    def _cluster(self, text: str, start: int, position: int) -> Edit | None:
        """Returns the replacement of a whole cluster that begins at ``start`` or one character earlier.

        The text before ``position`` is already replaced, so the cluster does not begin there.
        """
        if start > position and text[start - 1] in self._firsts and text[start - 1] not in self._replacements:
            found = self._from(text, start - 1)
            if found is not None:
                return found
        return self._from(text, start)

    def _from(self, text: str, start: int) -> Edit | None:
        end = self._characters.cluster_end(text, start)
        cluster = text[start:end]
        if len(cluster) > 1 and len(cluster.encode()) <= _LONGEST:
            for length in range(1, len(cluster) + 1):
                if (replacement := self._replacements.get(cluster[:length])) is not None:
                    return Edit(start, end, replacement)
        return None
