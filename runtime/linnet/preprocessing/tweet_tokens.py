"""Finds the tokens of a tweet as transformers' BERTweet tokenizer does with its copy of NLTK's `TweetTokenizer`.

The grammar is that of NLTK's ``nltk/tokenize/casual.py`` (Apache-2.0; Christopher Potts, Ewan Klein and Pierpaolo
Pantone). It uses the third-party module ``regex``, whose classes and letter cases differ from those of ``re``. Here the
patterns match stand-ins (`linnet.preprocessing.tweet_characters`), and the time is linear in the text.
"""

import re
from collections.abc import Iterator

from .tweet_characters import ALPHABETIC, DIGITS, WHITE, WORD
from .tweet_links import Addresses, Links

_ENDLESS = "‹"  # the stand-in of a "<" with no ">" after it before white space: it begins no tag

_BETWEEN = r"[\ *\-.)]*"  # what may stand between the parts of a phone number
_PHONE = rf"""
  (?: \+?[01]{_BETWEEN} )? (?: \(?[{DIGITS}]{{3}}{_BETWEEN} )? [{DIGITS}]{{3}}{_BETWEEN}[{DIGITS}]{{4}}
"""
_EYES, _NOSE, _MOUTH = "[:;=8]", r"[\-oO*']?", r"[)\](\[dDpP/:}{@|\\]"
_ANGLE = f"[<{_ENDLESS}]"
_EMOTICON = rf"[<{_ENDLESS}>]?{_EYES}{_NOSE}{_MOUTH} | {_MOUTH}{_NOSE}{_EYES}[<{_ENDLESS}>]? | {_ANGLE}3"
_TAG = rf"<[^>{WHITE}]+>"
_ARROW = f"-+> | {_ANGLE}-+"
_HANDLE = f"@[{WORD}]+"
_HASHTAG = rf"\#+[{WORD}]+[{WORD}'\-]*[{WORD}]+"
_COMPOUND = rf"[{ALPHABETIC}][{ALPHABETIC}'\-_]+[{ALPHABETIC}]"
_NUMBER = rf"[+\-]?[{DIGITS}]+[,/.:\-][{DIGITS}]+[+\-]?"
_RUN = f"[{WORD}]+"
_ELLIPSIS = rf"\.(?:[{WHITE}]*\.)+"
_REST = f"[^{WHITE}]"

# The grammar's order: links, the first group, e-mail addresses, the others.
_TOKEN = re.compile(
    f"({' | '.join([_PHONE, _EMOTICON, _TAG, _ARROW, _HANDLE, _HASHTAG])})"
    f" | {' | '.join([_COMPOUND, _NUMBER, _RUN, _ELLIPSIS, _REST])}",
    re.VERBOSE,
)
_UP_TO_ANGLE = re.compile(f"[^>{WHITE}]+>?")


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yields the span of each token of a text's stand-ins, in order; only white space is between tokens."""
    marked = _UP_TO_ANGLE.sub(_marked, text) if "<" in text else text
    if "." not in text and "@" not in text and "http" not in text.lower():
        yield from (match.span() for match in _TOKEN.finditer(marked))
        return
    links, addresses = Links(text), Addresses(text)
    end = 0
    while match := _TOKEN.search(marked, end):
        start, end = match.span()
        end = links.end(start) or (match[1] is None and addresses.end(start)) or end
        yield start, end


def _marked(part: re.Match[str]) -> str:
    return part[0] if part[0].endswith(">") else part[0].replace("<", _ENDLESS)
