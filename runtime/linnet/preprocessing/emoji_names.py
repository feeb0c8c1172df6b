"""Emoji to their names, as the package ``emoji`` finds them from version 2 on."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from linnet.preprocessing.edits import Edit

_ZWJ = "\u200d"
_VARIATION_SELECTORS = frozenset("\ufe0e\ufe0f")
_KEYCAP = "\u20e3"


class _Token(NamedTuple):
    """An emoji, or a single character that stays as it is."""

    start: int
    end: int
    is_emoji: bool


class EmojiNames:
    """Finds emoji, and knows their names.

    Args:
        names: emoji → name.
        components: emoji that modify others: tones of skin, kinds of hair.
    """

    def __init__(self, names: Mapping[str, str], components: frozenset[str]) -> None:
        self._names = names
        self._components = components
        self._beginnings = {emoji[:end] for emoji in names for end in range(1, len(emoji) + 1)}
        firsts = {emoji[0] for emoji in names if not emoji[0].isascii()}
        self._telltales = frozenset({*firsts, *_VARIATION_SELECTORS, _KEYCAP})

    def edits(self, text: str, delimiter: str) -> Iterator[Edit]:
        """Each emoji → its name between delimiters; variation selectors that are part of none go."""
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
        """The tokens in order; variation selectors that are part of no emoji are in none.

        What could begin a longer emoji and then is none counts as its first character alone. A
        joiner that follows such a character, or an emoji, is barred from being part of one, and the
        emoji before it is looked for again: 👩 is found in 👩 + joiner + x.
        """
        tokens: list[_Token] = []
        barred: set[int] = set()
        run = position = 0  # the token from which on a joiner may look back
        while position < len(text):
            character = text[position]
            if position in barred:
                pass
            elif character in self._beginnings:
                if end := self._emoji_end(text, position, barred):
                    tokens.append(_Token(position, end, True))
                    position = end
                    continue
            elif character == _ZWJ and self._follows_emoji(text, position, tokens[run:]):
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
        """The end of the emoji at ``start``: as far as any emoji goes on; 0 if none ends there."""
        end = start + 1
        while end < len(text) and end not in barred and text[start : end + 1] in self._beginnings:
            end += 1
        return end if text[start:end] in self._names else 0

    def _follows_emoji(self, text: str, position: int, run: list[_Token]) -> bool:
        return bool(run) and text[position - 1] in self._beginnings and text[run[-1].start : run[-1].end] in self._names

    def _take_back(self, text: str, tokens: list[_Token], run: int) -> int:
        """Drops the last emoji, with what it modifies; gives where it began."""
        last = tokens[-1]
        taken = tokens[run:][-2:] if text[last.start : last.end] in self._components else [last]
        if text[taken[0].start] == _ZWJ:
            del taken[0]
        del tokens[-len(taken) :]
        return taken[0].start
