"""The preset ``bertweet``: prepares a tweet as transformers' `BertweetTokenizer.normalizeTweet` does.

Handles → ``@USER``, links → ``HTTPURL``, single emoji → their names. HTML entities are resolved, and
tokens are separated (``can't`` → ``ca n't``, but ``can not`` and ``can't`` as BERTweet was trained on them).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import name2codepoint

from .edits import Edit, PreparedText, Preprocessor, respacing
from .tables import CharacterSet, Classes, characters, read_tables, strings
from .tweet_characters import SPACES, stand_ins
from .tweet_tokens import tokens

_PUNCTUATION = {"’": "'", "…": "..."}
_SINGLES = {**_PUNCTUATION, "@": "@USER", "\ufe0f": ""}
_SPECIAL = re.compile("[’…]")
_ENTITY = re.compile(rf"&(#?(x?))([^&;\s{SPACES}]+);", re.ASCII)
_REPEATED = re.compile(r"([^a-zA-Z0-9])\1{3,}")
_SURROGATE = re.compile("[\ud800-\udfff]")

# Applied in this order, each to the result of the one before. They change only spaces.
_CONTRACTIONS = (
    *(("cannot ", "can not "), ("n't ", " n't "), ("n 't ", " n't "), ("ca n't", "can't"), ("ai n't", "ain't")),
    *((f"'{ending} ", f" '{ending} ") for ending in ("m", "re", "s", "ll", "d", "ve")),
    *((" p . m .", "  p.m."), (" p . m ", " p.m "), (" a . m .", " a.m."), (" a . m ", " a.m ")),
)


@dataclass(frozen=True)
class Bertweet:
    """The preset ``bertweet``; a call prepares one text.

    ``singles``: token of one character → what it becomes, where it changes; ``decimals``: the digits beyond ASCII that
    Python's ``int`` reads.
    """

    classes: Classes
    singles: dict[str, str]
    decimals: CharacterSet

    def __call__(self, text: str) -> PreparedText:
        """Prepares a text as `normalizeTweet` does.

        A lone surrogate from an HTML entity becomes U+FFFF, which no vocabulary has.
        """
        prepared = PreparedText(text)
        prepared = prepared.edited(
            Edit(*match.span(), _PUNCTUATION[match[0]]) for match in _SPECIAL.finditer(prepared.text)
        )
        if "&" in text:
            prepared = prepared.edited(
                Edit(*match.span(), self._resolved(match)) for match in _ENTITY.finditer(prepared.text)
            )
        prepared = prepared.edited(
            Edit(match.start() + 3, match.end(), "") for match in _REPEATED.finditer(prepared.text)
        )
        prepared = prepared.edited(self._apart(prepared.text))
        if (spaced := _spaced(prepared.text)) != prepared.text:
            prepared = prepared.edited(respacing(prepared.text, spaced))
        if "&" in text:
            prepared = prepared.edited(Edit(*match.span(), "\uffff") for match in _SURROGATE.finditer(prepared.text))
        return prepared

    def _apart(self, text: str) -> Iterator[Edit]:
        """Yields the edits that normalize each token and put one space between tokens."""
        position, space = 0, ""
        for start, end in tokens(self.classes.of(text)):
            if text[position:start] != space:
                yield Edit(position, start, space)
            token = text[start:end]
            if (normal := self._normal(token)) != token:
                yield Edit(start, end, normal)
            position, space = end, " "
        if position < len(text):
            yield Edit(position, len(text), "")

    def _normal(self, token: str) -> str:
        if len(token) == 1:
            return self.singles.get(token, token)
        if token[0] == "@":
            return "@USER"
        return "HTTPURL" if token[:4].lower() == "http" or token[:3].lower() == "www" else token

    def _resolved(self, entity: re.Match[str]) -> str:
        """Returns the character that an HTML entity names, or an empty string."""
        numeric, hexadecimal, body = entity.groups()
        try:
            code = self._number(body, 16 if hexadecimal else 10) if numeric else name2codepoint[body]
            # Like browsers, reads 80 to 9F as Windows-1252.
            return bytes([code]).decode("cp1252") if numeric and 0x80 <= code <= 0x9F else chr(code)
        except (KeyError, ValueError, OverflowError):
            return ""

    def _number(self, body: str, base: int) -> int:
        """Returns ``int(body, base)``, with the digits of the tables' version of Unicode."""
        ascii_body = "".join(
            str((ord(digit) - self.decimals.first_of_run(ord(digit))) % 10) if ord(digit) in self.decimals else digit
            for digit in body
        )
        if not ascii_body.isascii():
            raise ValueError(f"expected digits, found {body!r}")
        return int(ascii_body, base)


def read_bertweet(content: bytes) -> Preprocessor:
    """Returns the preset with the tables of a bundle; raises `BundleFormatError` if the tables are invalid."""
    tables = read_tables(content, "bertweet")
    return Bertweet(
        stand_ins(characters(tables, "letters"), characters(tables, "digits")),
        {**_SINGLES, **{emoji: f":{name}:" for emoji, name in strings(tables, "emoji").items()}},
        characters(tables, "decimals"),
    )


def _spaced(text: str) -> str:
    """Adjusts the spaces in contractions and times, and puts one space between all tokens."""
    for apart, together in _CONTRACTIONS:
        text = text.replace(apart, together)
    return " ".join(text.split())
