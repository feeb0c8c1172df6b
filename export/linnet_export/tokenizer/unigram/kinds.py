"""Finds how characters join into grapheme clusters, by running `tokenizers` itself.

Its normalizer looks up clusters of fewer than six bytes as a whole. With our own map of characters, it therefore
shows whether a character attaches to another: a mark after a replaced letter vanishes if the letter begins a
cluster, and stays if the letter is part of a longer one.
"""

from collections.abc import Callable, Iterable
from functools import cache

from tokenizers.normalizers import Precompiled, Strip

from linnet_export.tokenizer.unigram.charsmap import make_charsmap

CHARACTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]

_LINE_ENDS = "\r\n"
_LETTER, _ATTACHING, _CONSONANT, _PICTOGRAPH = "x", "\u0344", "\u0958", "\u2122"
_REPLACED = "y"
_PLAIN_CONSONANT, _LINKER, _JOINER, _MARK = "\u0915", "\u094d", "\u200d", "\u0301"


@cache
def kinds_of_characters() -> dict[str, frozenset[str]]:
    """Returns the characters of each kind that `linnet.tokenization.unigram.layout` lists."""

    def apart(before: str, after: str, among: Iterable[str] = CHARACTERS) -> frozenset[str]:
        """Returns the characters after which the last one of ``after`` begins a cluster, so that a mark vanishes."""
        return _where(among, after[-1], before, after + _MARK, lambda normalized: not normalized.endswith(_MARK))

    everything = frozenset(CHARACTERS)
    attaching = _where(CHARACTERS, _LETTER, _LETTER, "", lambda normalized: normalized == _REPLACED)
    return {
        "attaching": attaching,
        "extending": attaching - apart(_PICTOGRAPH, _JOINER + _PICTOGRAPH, attaching),
        "linking": attaching - apart(_PLAIN_CONSONANT + _LINKER, _CONSONANT, attaching),
        "prepended": everything - apart("", _LETTER),
        "control": apart("", _ATTACHING),
        "pictograph": everything - apart("", _JOINER + _PICTOGRAPH),
        "consonant": everything - apart("", _LINKER + _CONSONANT),
        "linker": attaching - apart(_PLAIN_CONSONANT, _CONSONANT, attaching),
        "white_space": frozenset(character for character in CHARACTERS if not Strip().normalize_str(character)),
    }


def _where(
    characters: Iterable[str], replaced: str, before: str, after: str, holds: Callable[[str], bool]
) -> frozenset[str]:
    """Returns the characters that satisfy ``holds(normalize(before + character + after))``.

    The normalizer replaces only the string ``replaced``.
    """
    normalizer = Precompiled(make_charsmap({replaced: _REPLACED}))
    # One line per character and one call for all: a million calls would take seconds.
    line_ends = [character for character in characters if character in _LINE_ENDS]
    rest = [character for character in characters if character not in _LINE_ENDS]
    apart = [normalizer.normalize_str(before + character + after) for character in line_ends]
    together = normalizer.normalize_str("\n".join(before + character + after for character in rest)).split("\n")
    pairs = zip([*line_ends, *rest], [*apart, *together], strict=True)
    return frozenset(character for character, normalized in pairs if holds(normalized))


def ranges(characters: Iterable[str]) -> list[int]:
    """Returns the first and last code point of each run of consecutive characters."""
    runs: list[int] = []
    for code in sorted(map(ord, characters)):
        if runs and runs[-1] == code - 1:
            runs[-1] = code
        else:
            runs += [code, code]
    return runs
