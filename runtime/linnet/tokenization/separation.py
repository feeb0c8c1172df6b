"""Tells whether spaces separate the words of a tokenizer, so that a word has the same tokens in every text.

This needs a normalizer that looks at no character beyond its cluster, a pre-tokenizer that splits at every space, and
added tokens that do not reach across one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

BERTWEET_WORD = r"[^\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+\n?"
"""BERTweet's words: Python's white space separates them, and a line break belongs to the word before it.

Other regex engines leave \\x1c to \\x1f out of white space, and some include more.
"""

_NORMALIZERS = {
    *("BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Precompiled", "Strip", "StripAccents"),
}
_PRE_TOKENIZERS = {"BertPreTokenizer", "Whitespace", "WhitespaceSplit"}


class Added(NamedTuple):
    """An added token: its text as it is looked for, and whether it covers the white space after it."""

    content: str
    rstrip: bool = False


@dataclass(frozen=True)
class Separation:
    """Whether spaces separate the words of a tokenizer."""

    words: bool
    """True if each word of letters between spaces has the same tokens whatever stands around it."""
    added: tuple[str, ...] = ()
    """The added tokens."""
    shifts: bool = False
    """True if a map of characters drops some. `tokenizers` shifts all offsets of a part that begins with such ones.

    Added tokens part a text.
    """

    def holds(self, text: str, *, left: bool) -> bool:
        """Returns whether the words of the user's text keep their tokens and offsets in a part of it.

        With ``left``, the part leaves out the beginning of the text, else its end.
        """
        return self.words and not (left and self.shifts and self._may_be_shifted(text))

    def _may_be_shifted(self, text: str) -> bool:
        # Presets keep the first character, or replace it by such a one. They may make added tokens of entities, and of
        # what is left when other characters are dropped. Control characters are dropped anywhere.
        firsts = ("&", *(token[:1] for token in self.added))
        return not "!" <= text[:1] <= "}" or not text.isprintable() or any(first in text for first in firsts)


def separation(
    normalizer: Mapping[str, Any] | None, pre_tokenizer: Mapping[str, Any] | None, added: Sequence[Added]
) -> Separation:
    """Returns how words are separated, by the parts of a ``tokenizer.json`` and its added tokens."""
    steps = list(_steps(normalizer, "normalizers"))
    # What follows the first step sees each word by itself.
    first = next(_steps(pre_tokenizer, "pretokenizers"), None)
    words = all(map(_keeps_apart, steps)) and first is not None and _splits(first) and stay_in_words(added)
    return Separation(
        words, tuple(token.content for token in added), any(step["type"] == "Precompiled" for step in steps)
    )


def stay_in_words(added: Iterable[Added]) -> bool:
    """Returns True if no added token contains white space, or covers what follows a word of letters."""
    return not any(
        any(map(str.isspace, token.content)) or (token.rstrip and token.content[-1:].isalpha()) for token in added
    )


def _steps(whole: Mapping[str, Any] | None, key: str) -> Iterator[Mapping[str, Any]]:
    if whole is None:
        return
    if whole["type"] != "Sequence":
        yield whole
        return
    for step in whole[key]:
        yield from _steps(step, key)


def _keeps_apart(step: Mapping[str, Any]) -> bool:
    if step["type"] == "Replace":
        match step["pattern"]:
            case {"Regex": " {2,}"}:
                return True
            case {"String": str(text)}:
                return not any(map(str.isspace, text))
        return False
    return step["type"] in _NORMALIZERS


def _splits(step: Mapping[str, Any]) -> bool:
    match step:
        case {"type": "ByteLevel", "use_regex": True} | {"type": "Metaspace", "split": True}:
            return True
        case {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Removed", "invert": True}:
            return bool(expression == BERTWEET_WORD)
    return step["type"] in _PRE_TOKENIZERS
