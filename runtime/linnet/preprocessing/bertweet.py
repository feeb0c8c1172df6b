"""The preset ``bertweet``: what transformers' `BertweetTokenizer.normalizeTweet` makes of a tweet.

Handles → ``@USER``, links → ``HTTPURL``, single emoji → their names, HTML entities resolved, and
tokens apart (``can't`` → ``ca n't``, but ``can not`` and ``can't`` as BERTweet was trained on them).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import name2codepoint

from linnet.preprocessing.edits import Edit, PreparedText, respacing
from linnet.preprocessing.presets import Preprocessor
from linnet.preprocessing.tables import CharacterSet, Classes, characters, read_tables, strings
from linnet.preprocessing.tweet_tokens import SPACES, TOKEN, stand_ins

_PUNCTUATION = {"’": "'", "…": "..."}
_SPECIAL = re.compile("[’…]")
_ENTITY = re.compile(rf"&(#?(x?))([^&;\s{SPACES}]+);", re.ASCII)
_REPEATED = re.compile(r"([^a-zA-Z0-9])\1{3,}")
_SURROGATE = re.compile("[\ud800-\udfff]")

# In this order; each takes what the one before it left. They move spaces alone.
_CONTRACTIONS = (
    *(("cannot ", "can not "), ("n't ", " n't "), ("n 't ", " n't "), ("ca n't", "can't"), ("ai n't", "ain't")),
    *((f"'{ending} ", f" '{ending} ") for ending in ("m", "re", "s", "ll", "d", "ve")),
    *((" p . m .", "  p.m."), (" p . m ", " p.m "), (" a . m .", " a.m."), (" a . m ", " a.m ")),
)


@dataclass(frozen=True)
class Bertweet:
    """Prepares texts.

    ``names``: single emoji → name; ``decimals``: what Python's ``int`` takes for digits, beyond ASCII.
    """

    classes: Classes
    names: dict[str, str]
    decimals: CharacterSet

    def __call__(self, text: str) -> PreparedText:
        """The text as `normalizeTweet` has it; a lone surrogate that an entity made is U+FFFF, which no vocabulary has."""
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
        """Makes each token what it is to be, with a space between it and the next."""
        position, space = 0, ""
        for match in TOKEN.finditer(self.classes.of(text)):
            start, end = match.span()
            if text[position:start] != space:
                yield Edit(position, start, space)
            token = text[start:end]
            if (normal := self._normal(token)) != token:
                yield Edit(start, end, normal)
            position, space = end, " "
        if position < len(text):
            yield Edit(position, len(text), "")

    def _normal(self, token: str) -> str:
        if token[0] == "@":
            return "@USER"
        if token[:4].lower() == "http" or token[:3].lower() == "www":
            return "HTTPURL"
        if len(token) > 1:
            return token
        if token in self.names:
            return f":{self.names[token]}:"
        return "" if token == "\ufe0f" else _PUNCTUATION.get(token, token)

    def _resolved(self, entity: re.Match[str]) -> str:
        """The character that an HTML entity names, or nothing."""
        numeric, hexadecimal, body = entity.groups()
        try:
            code = self._number(body, 16 if hexadecimal else 10) if numeric else name2codepoint[body]
            # As browsers have it, 80 to 9F are of Windows-1252.
            return bytes([code]).decode("cp1252") if numeric and 0x80 <= code <= 0x9F else chr(code)
        except (KeyError, ValueError, OverflowError):
            return ""

    def _number(self, body: str, base: int) -> int:
        """What ``int`` makes of it, if its digits are of the Unicode version that the tables are of."""
        ascii_body = "".join(
            str((ord(digit) - self.decimals.first_of_run(ord(digit))) % 10) if ord(digit) in self.decimals else digit
            for digit in body
        )
        if not ascii_body.isascii():
            raise ValueError(f"expected digits, found {body!r}")
        return int(ascii_body, base)


def read_bertweet(content: bytes) -> Preprocessor:
    """The preset with the tables of a bundle; raises `BundleFormatError` if they make no sense."""
    tables = read_tables(content, "bertweet")
    return Bertweet(
        stand_ins(characters(tables, "letters"), characters(tables, "digits")),
        strings(tables, "emoji"),
        characters(tables, "decimals"),
    )


def _spaced(text: str) -> str:
    """The tokens with contractions and times put together, and one space between all."""
    for tokens, together in _CONTRACTIONS:
        text = text.replace(tokens, together)
    return " ".join(text.split())
