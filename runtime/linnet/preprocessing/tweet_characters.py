"""The stand-ins that the patterns for tweets match: one character beyond ASCII for each kind that the grammar knows."""

import string

from .tables import CharacterSet, Classes

_LETTER = "é"
_LATIN = "à"  # a letter that equals one of a to z if case is ignored
LONG_S = "ß"  # likewise a letter, equal to s
_DIGIT = "²"
_SPACE = "\xa0"
QUOTE = "«"
_OTHER = "¡"

SPACES = "\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""The characters beyond ASCII that ``\\s`` matches in ``regex``."""

_KNOWN = {
    **dict.fromkeys("«»‘’“”", QUOTE),
    **dict.fromkeys("\u0130\u212a", _LATIN),  # İ and the Kelvin sign equal i and k if case is ignored
    "\u017f": LONG_S,
    **dict.fromkeys("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000", _SPACE),
    **{chr(code): _SPACE for code in range(0x2000, 0x200B)},
}

# Characters, also as the insides of character classes.
LETTERS = f"{string.ascii_letters}{_LATIN}{LONG_S}"
"""[a-z] in any case."""
ALPHABETIC = f"{LETTERS}{_LETTER}"
"""Word characters without digits and the underscore."""
DIGITS = f"{string.digits}{_DIGIT}"
WORD = f"{ALPHABETIC}{DIGITS}_"
WHITE = f" \t\n\r\f\v{_SPACE}"


def stand_ins(letters: CharacterSet, digits: CharacterSet) -> Classes:
    r"""Returns the stand-ins of characters; the sets are ``[^\W\d_]`` and ``\d`` of ``regex`` beyond ASCII."""
    return Classes({_LETTER: letters, _DIGIT: digits}, _OTHER, _KNOWN)
