"""The preset ``pysentimiento``: prepares texts as ``preprocess_tweet(text, lang="en")`` of pysentimiento 0.7.3 does.

Its authors use it for ``finiteautomata/bertweet-base-sentiment-analysis``: hashtags → ``hashtag`` and
their words, some characters replaced or dropped, handles → ``@USER``, links → ``HTTPURL``, repeats cut
to three, emoji → their names between ``emoji``, laughter → ``haha``.
"""

import re
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..fields import field, malformed
from ..names import PREPROCESSING
from .edits import Edit, PreparedText, Preprocessor, substitutions
from .emoji_names import EmojiNames
from .tables import Classes, characters, read_tables, strings

# The stand-ins of characters beyond ASCII. In every version of Unicode, the first three are word characters. The first
# has an upper case, the second is ignored in the search for the end of a word, the third has no case.
_CASED, _IGNORED, _UNCASED, _OTHER = "é", "ʰ", "א", "¡"
_SIGMA = "Σ"  # its own stand-in: its lower case depends on its position in the word

# These two patterns match stand-ins.
_HASHTAG = re.compile(r"(?<!\w)#(?=\w*[a-zA-Z])\w+")
_DOMAINS = (
    *("com", "co", "org", "edu", "gov", "uk", "net", "ca", "de", "jp", "fr", "au", "us", "ru", "ch", "it"),
    *("nl", "se", "no", "es", "mil", "iq", "io", "ac", "ly", "sm"),
)
_LINK = re.compile(
    r"(?<=[^a-zA-Z0-9])(?:https?://|[a-zA-Z0-9]+\.|\b)"
    rf"(?:\w+\.){{1,5}}(?:{'|'.join(_DOMAINS)})(?:/[a-zA-Z0-9]+)*"
)

_CAPITALS = re.compile("[A-Z]+")
_HANDLE = re.compile("@[a-zA-Z0-9_]{0,15}")
_REPEATED = re.compile(r"(.)\1{3,}")
_BARS = re.compile(r"\|([^|]+)\|")
_LAUGHTER = re.compile("[ha]{2,}ah[ha]+")


@dataclass(frozen=True)
class Pysentimiento:
    """The preset ``pysentimiento``; a call prepares one text."""

    classes: Classes
    """The stand-ins of characters beyond ASCII."""
    lower: dict[str, str]
    """Single upper-case character → its lower case."""
    replacements: dict[str, str]
    """Single character → its replacement."""
    emoji: EmojiNames
    """The emoji and their names."""

    def __call__(self, text: str) -> PreparedText:
        """Prepares a text as `preprocess_tweet` does."""
        passes: tuple[Callable[[str], Iterable[Edit]], ...] = (
            self._hashtags,
            self._replaced,
            lambda text: substitutions(_HANDLE, text, "@USER"),
            lambda text: (Edit(*match.span(), "HTTPURL") for match in _LINK.finditer(self.classes.of(text))),
            lambda text: (Edit(match.start() + 3, match.end(), "") for match in _REPEATED.finditer(text)),
            lambda text: self.emoji.edits(text, "|"),
            _between_bars,
            lambda text: substitutions(_LAUGHTER, text, "haha"),
            _stripped,
        )
        prepared = PreparedText(text)
        for edits in passes:
            prepared = prepared.edited(edits(prepared.text))
        return prepared

    def _hashtags(self, text: str) -> Iterator[Edit]:
        """Yields the edits for hashtags: ``#GoodNews`` → ``hashtag good news``."""
        if "#" not in text:
            return
        for match in _HASHTAG.finditer(self.classes.of(text)):
            start, end = match.span()
            yield Edit(start, start + 1, "hashtag ")
            yield from self._words(text[start + 1 : end], start + 1)

    def _words(self, name: str, position: int) -> Iterator[Edit]:
        """Yields the edits that lower a hashtag's name, which begins at ``position``, and split it before capitals."""
        spaced = _CAPITALS.sub(r" \g<0>", name).lstrip(" ")
        for character, lowered in zip(spaced, self._lowered(spaced), strict=True):
            if character == " ":
                yield Edit(position, position, " ")
                continue
            if lowered != character:
                yield Edit(position, position + 1, lowered)
            position += 1

    def _lowered(self, words: str) -> list[str]:
        """Returns the lower case of each character."""
        lowered = [self.lower.get(character, character) for character in words]
        if _SIGMA in words:
            by_place = self.classes.of(words).lower()
            lowered = [by_place[at] if words[at] == _SIGMA else found for at, found in enumerate(lowered)]
        return lowered

    def _replaced(self, text: str) -> Iterator[Edit]:
        if self.replacements.keys().isdisjoint(text):
            return
        for position, character in enumerate(text):
            if character in self.replacements:
                yield Edit(position, position + 1, self.replacements[character])


def read_pysentimiento(content: bytes) -> Preprocessor:
    """Returns the preset with the tables of a bundle; raises `BundleFormatError` if the tables are invalid."""
    tables = read_tables(content, "pysentimiento")
    sets = {
        _CASED: characters(tables, "cased"),
        _IGNORED: characters(tables, "ignored"),
        _UNCASED: characters(tables, "uncased"),
    }
    components = frozenset(field(tables, PREPROCESSING, "components", str))
    names = strings(tables, "emoji")
    if not components <= names.keys():
        raise malformed(f"{PREPROCESSING}: expected components to be some of the emoji")
    return Pysentimiento(
        Classes(sets, _OTHER, {_SIGMA: _SIGMA}),
        _lower(field(tables, PREPROCESSING, "upper", str), field(tables, PREPROCESSING, "lower", str)),
        strings(tables, "replacements"),
        EmojiNames(names, components),
    )


def _lower(upper: str, lower: str) -> dict[str, str]:
    if len(upper) != len(lower):
        raise malformed(
            f"{PREPROCESSING}: expected upper and lower to have the same length, found {len(upper)} and {len(lower)}"
        )
    pairs = zip(string.ascii_uppercase + upper, string.ascii_lowercase + lower, strict=True)
    return {"İ": "i\u0307"} | dict(pairs)


def _between_bars(text: str) -> Iterator[Edit]:
    """Yields edits: ``|some_name|`` → ``emoji some name emoji`` with spaces around, also for the user's own bars."""
    if "|" not in text:
        return
    for match in _BARS.finditer(text):
        start, end = match.span()
        yield Edit(start, start + 1, " emoji ")
        yield from (Edit(at, at + 1, " ") for at in range(start + 1, end - 1) if text[at] == "_")
        yield Edit(end - 1, end, " emoji ")


def _stripped(text: str) -> Iterator[Edit]:
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if start > 0:
        yield Edit(0, start, "")
    if start < len(text) and end < len(text):
        yield Edit(end, len(text), "")
