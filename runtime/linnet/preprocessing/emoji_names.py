"""Replaces emoji by their names, as the package ``emoji`` does from version 2 on."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .edits import Edit

_ZWJ = "\u200d"
_VARIATION_SELECTORS = frozenset("\ufe0e\ufe0f")
_KEYCAP = "\u20e3"


class _Token(NamedTuple):
    """An emoji, or a single character that stays as it is."""

    start: int
    end: int
    is_emoji: bool


class EmojiNames:
    """The emoji in texts, and their names.

    Args:
        names: emoji → name.
        components: emoji that modify others, such as skin tones and hair styles.
    """

    def __init__(self, names: Mapping[str, str], components: frozenset[str]) -> None:
        self._names = names
        self._components = components
        self._beginnings = {emoji[:end] for emoji in names for end in range(1, len(emoji) + 1)}
        firsts = {emoji[0] for emoji in names if not emoji[0].isascii()}
        self._telltales = frozenset({*firsts, *_VARIATION_SELECTORS, _KEYCAP})

    def edits(self, text: str, delimiter: str) -> Iterator[Edit]:
        """Yields edits: each emoji → its name between delimiters; variation selectors outside emoji are removed."""
        if text.isascii() or self._telltales.isdisjoint(text):
            return
        position = 0
        for token in self._tokens(text):
            if token.start > position:
                yield Edit(position, token.start, "")
            if token.is_emoji:
                yield Edit(
                    token.start, token.end, f"{delimiter}{self._names[text[token.start : token.end]]}{delimiter}"
                )
            position = token.end
        if position < len(text):
            yield Edit(position, len(text), "")

    def _tokens(self, text: str) -> list[_Token]:
        """Returns the tokens in order; variation selectors outside emoji are in no token.

        If a sequence begins like an emoji but is not one, only its first character becomes a token. A
        joiner after such a character, or after an emoji, is barred from being part of an emoji, and the
        search for the emoji before it starts again: this finds 👩 in 👩 + joiner + x.
        """
        tokens: list[_Token] = []
        barred: set[int] = set()
        run = position = 0  # the first token that a joiner may take back
        while position < len(text):
            character = text[position]
            if position in barred:
                pass
            elif character in self._beginnings:
                if end := self._emoji_end(text, position, barred):
                    tokens.append(_Token(position, end, True))
                    position = end
                    continue
            elif character == _ZWJ and self._follows_emoji(text, position, tokens, run):
                barred.add(position)
                position = self._take_back(text, tokens, run)
                continue
            else:
                run = len(tokens)
            if character not in _VARIATION_SELECTORS:
                tokens.append(_Token(position, position + 1, False))
            position += 1
        return tokens

    def _emoji_end(self, text: str, start: int, barred: set[int]) -> int:
        """Returns the end of the longest sequence at ``start`` that begins an emoji; 0 if it is not an emoji."""
        end = start + 1
        while end < len(text) and end not in barred and text[start : end + 1] in self._beginnings:
            end += 1
        return end if text[start:end] in self._names else 0

    def _follows_emoji(self, text: str, position: int, tokens: list[_Token], run: int) -> bool:
        if len(tokens) <= run or text[position - 1] not in self._beginnings:
            return False
        return text[tokens[-1].start : tokens[-1].end] in self._names

    def _take_back(self, text: str, tokens: list[_Token], run: int) -> int:
        """Removes the last emoji, with the one that it modifies; returns where they began."""
        last = tokens[-1]
        taken = tokens[max(run, len(tokens) - 2) :] if text[last.start : last.end] in self._components else [last]
        if text[taken[0].start] == _ZWJ:
            del taken[0]
        del tokens[-len(taken) :]
        return taken[0].start
