"""The grammar of tweets' tokens as one expression, as NLTK has it; its time is quadratic in some texts."""

import re

from linnet.preprocessing.tweet_characters import ALPHABETIC, DIGITS, LETTERS, LONG_S, QUOTE, WHITE, WORD

# The original repeats runs of plain characters. This repeats single ones: the matches are the same, and the time is not
# exponential if no end fits.
_BRACKETS = rf"\([^{WHITE}()]*?\([^{WHITE}()]+\)[^{WHITE}()]*?\) | \([^{WHITE}]+?\)"
_URL = rf"""
  (?: [hH][tT]{{2}}[pP][sS{LONG_S}]?: (?: /{{1,3}} | [{LETTERS}0-9%] )
    | [{LETTERS}0-9.\-]+ \. [{LETTERS}]{{2,13}} / )
  (?: [^{WHITE}()<>{{}}\[\]] | {_BRACKETS} )+
  (?: {_BRACKETS} | [^{WHITE}`!()\[\]{{}};:'".,<>?{QUOTE}] )
"""
_DOMAIN = rf"(?<!@) [{LETTERS}0-9]+ (?: [.\-][{LETTERS}0-9]+ )* \. [{LETTERS}]{{2,13}} (?![{WORD}]) /? (?!@)"
_BETWEEN = r"[\ *\-.)]*"
_PHONE = rf"""
  (?: \+?[01]{_BETWEEN} )? (?: \(?[{DIGITS}]{{3}}{_BETWEEN} )? [{DIGITS}]{{3}}{_BETWEEN}[{DIGITS}]{{4}}
"""
_EYES, _NOSE, _MOUTH = "[:;=8]", r"[\-oO*']?", r"[)\](\[dDpP/:}{@|\\]"
_EMOTICON = rf"[<>]?{_EYES}{_NOSE}{_MOUTH} | {_MOUTH}{_NOSE}{_EYES}[<>]? | <3"
_EMAIL = rf"[{WORD}.+\-]+@[{WORD}\-]+\.(?:[{WORD}\-]\.?)+[{WORD}\-]"

GRAMMAR = re.compile(
    "|".join(
        [
            *(_URL, _DOMAIN, _PHONE, _EMOTICON, rf"<[^>{WHITE}]+>", "-+> | <-+", f"@[{WORD}]+"),
            *(rf"\#+[{WORD}]+[{WORD}'\-]*[{WORD}]+", _EMAIL, rf"[{ALPHABETIC}][{ALPHABETIC}'\-_]+[{ALPHABETIC}]"),
            *(rf"[+\-]?[{DIGITS}]+[,/.:\-][{DIGITS}]+[+\-]?", f"[{WORD}]+", rf"\.(?:[{WHITE}]*\.)+", f"[^{WHITE}]"),
        ]
    ),
    re.VERBOSE,
)
"""The expression for one token, to match a text's stand-ins."""
