"""Hides NUL from Python 3.10's csv module, which refuses it. Later versions need none of this."""

import sys

_REFUSED = sys.version_info < (3, 11)
_STAND_IN = "\udc00"  # a lone surrogate, which no text that was read or may be written has


def hidden(text: str) -> str:
    """Returns a text for the csv module, without NUL."""
    return text.replace("\0", _STAND_IN) if _REFUSED else text


def shown(text: str) -> str:
    """Returns what the csv module made of `hidden` text, with NUL."""
    return text.replace(_STAND_IN, "\0") if _REFUSED else text
