"""Finds the tokens of a tweet as transformers' BERTweet tokenizer does with its copy of NLTK's `TweetTokenizer`.

The grammar is that of NLTK's ``nltk/tokenize/casual.py`` (Apache-2.0; Christopher Potts, Ewan Klein and Pierpaolo
Pantone). It uses the third-party module ``regex``, whose classes and letter cases differ from those of ``re``. Here the
pattern matches stand-ins (`Classes`): one character beyond ASCII for each kind of character that the grammar
distinguishes.
"""

import re

from .tables import CharacterSet, Classes

_LETTER = "é"
_LATIN = "à"  # a letter that equals one of a to z if case is ignored
_LONG_S = "ß"  # likewise a letter, equal to s
_DIGIT = "²"
_SPACE = "\xa0"
_QUOTE = "«"
_OTHER = "¡"

SPACES = "\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""The characters beyond ASCII that ``\\s`` matches in ``regex``, as the inside of a character class."""

_KNOWN = {
    **dict.fromkeys("«»‘’“”", _QUOTE),
    **dict.fromkeys("\u0130\u212a", _LATIN),  # İ and the Kelvin sign equal i and k if case is ignored
    "\u017f": _LONG_S,
    **dict.fromkeys("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000", _SPACE),
    **{chr(code): _SPACE for code in range(0x2000, 0x200B)},
}

# The insides of character classes. ``\w``, ``\d`` and ``\s`` match only ASCII here.
_ANY_LETTER = f"a-zA-Z{_LATIN}{_LONG_S}"  # [a-z] in any case
_WORD = rf"\w{_LETTER}{_LATIN}{_LONG_S}{_DIGIT}"
_WHITE = rf"\s{_SPACE}"
_ALPHABETIC = f"a-zA-Z{_LETTER}{_LATIN}{_LONG_S}"  # word characters without digits and the underscore

# One level of brackets within brackets, or brackets around anything.
_BRACKETS = rf"\([^{_WHITE}()]*?\([^{_WHITE}()]+\)[^{_WHITE}()]*?\) | \([^{_WHITE}]+?\)"

# The original repeats runs of plain characters. This repeats single characters: the matches are the same, and the
# time is not exponential if no end fits, as in "http://!?!?!?…".
_URL = rf"""
  (?: [hH][tT]{{2}}[pP][sS{_LONG_S}]?: (?: /{{1,3}} | [{_ANY_LETTER}0-9%] )
    | [{_ANY_LETTER}0-9.\-]+ \. [{_ANY_LETTER}]{{2,13}} / )
  (?: [^{_WHITE}()<>{{}}\[\]] | {_BRACKETS} )+
  (?: {_BRACKETS} | [^{_WHITE}`!()\[\]{{}};:'".,<>?{_QUOTE}] )
"""
_DOMAIN = rf"""
  (?<!@) [{_ANY_LETTER}0-9]+ (?: [.\-][{_ANY_LETTER}0-9]+ )* \. [{_ANY_LETTER}]{{2,13}} (?![{_WORD}]) /? (?!@)
"""
_BETWEEN = r"[\ *\-.)]*"  # what may stand between the parts of a phone number
_ANY_DIGIT = rf"[\d{_DIGIT}]"
_PHONE = rf"""
  (?: \+?[01]{_BETWEEN} )? (?: \(?{_ANY_DIGIT}{{3}}{_BETWEEN} )? {_ANY_DIGIT}{{3}}{_BETWEEN}{_ANY_DIGIT}{{4}}
"""
_EYES, _NOSE, _MOUTH = "[:;=8]", r"[\-oO*']?", r"[)\](\[dDpP/:}{@|\\]"
_EMOTICON = rf"[<>]?{_EYES}{_NOSE}{_MOUTH} | {_MOUTH}{_NOSE}{_EYES}[<>]? | <3"
_TAG = rf"<[^>{_WHITE}]+>"
_ARROW = "-+> | <-+"
_HANDLE = f"@[{_WORD}]+"
_HASHTAG = rf"\#+[{_WORD}]+[{_WORD}'\-]*[{_WORD}]+"
_EMAIL = rf"[{_WORD}.+\-]+@[{_WORD}\-]+\.(?:[{_WORD}\-]\.?)+[{_WORD}\-]"
_COMPOUND = rf"[{_ALPHABETIC}][{_ALPHABETIC}'\-_]+[{_ALPHABETIC}]"
_NUMBER = rf"[+\-]?{_ANY_DIGIT}+[,/.:\-]{_ANY_DIGIT}+[+\-]?"
_RUN = f"[{_WORD}]+"
_ELLIPSIS = rf"\.(?:[{_WHITE}]*\.)+"
_REST = f"[^{_WHITE}]"

TOKEN = re.compile(
    "|".join(
        [
            *(_URL, _DOMAIN, _PHONE, _EMOTICON, _TAG, _ARROW, _HANDLE, _HASHTAG, _EMAIL),
            *(_COMPOUND, _NUMBER, _RUN, _ELLIPSIS, _REST),
        ]
    ),
    re.ASCII | re.VERBOSE,
)
"""The pattern for one token, to match a text's stand-ins. Only white space is between tokens."""


def stand_ins(letters: CharacterSet, digits: CharacterSet) -> Classes:
    r"""Returns the stand-ins that `TOKEN` matches; the sets are ``[^\W\d_]`` and ``\d`` of ``regex`` beyond ASCII."""
    return Classes({_LETTER: letters, _DIGIT: digits}, _OTHER, _KNOWN)
