"""Arguments as Python decoded them → text in UTF-8, whatever the locale."""

import os
from collections.abc import Sequence

from .lines import not_utf8


def decoded_texts(arguments: Sequence[str], errors: str) -> list[str]:
    """Returns the texts on the command line.

    Args:
        arguments: as Python decoded them.
        errors: ``strict``, or ``replace`` to decode with U+FFFD what is not UTF-8.

    Raises:
        InputError: a text is not UTF-8; the message gives its number.
    """
    return [decoded(argument, f"argument {number}", errors) for number, argument in enumerate(arguments, 1)]


def decoded(argument: str, place: str, errors: str = "strict") -> str:
    """Returns an argument as UTF-8; ``place`` names it in messages.

    Python decodes arguments by the locale, and bytes that the locale cannot decode as lone surrogates. Under the
    C locale, that is every character that is not ASCII.

    Raises:
        InputError: the argument is not UTF-8, and ``errors`` is ``strict``.
    """
    try:
        raw = os.fsencode(argument)
    except UnicodeEncodeError:  # it does not come from the command line; the model reports a surrogate in it
        return argument
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if not any("\udc80" <= char <= "\udcff" for char in argument):  # the locale's own encoding
            return argument
        if errors == "replace":
            return raw.decode("utf-8", "replace")
        raise not_utf8(place, error) from None
