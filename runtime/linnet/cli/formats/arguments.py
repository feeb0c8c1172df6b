"""Arguments of the command line → how texts are read, and the texts among them, in UTF-8 whatever the locale."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from ...errors import InputError
from .lines import why_not_utf8
from .rows import FORMATS, Reading


def add_reading(parser: argparse.ArgumentParser, source: str, *, column: str) -> None:
    """Adds the arguments that say how texts are read.

    Args:
        parser: the parser of a command.
        source: where the texts come from, such as ``--input``.
        column: what ``--column`` names.
    """
    add = parser.add_argument
    add("--format", choices=FORMATS, help=f"how {source} is read (default: by the file's suffix)")
    add("--column", metavar="NAME", help=f"{column} (default: text)")
    add("--delimiter", metavar="CHAR", help="what separates the columns of a table: a character, or tab")
    add("--no-quotes", action="store_true", help="quotes in a .csv file are text, as they always are in a .tsv file")
    add(
        "--errors",
        choices=("strict", "replace"),
        default="strict",
        help="bytes that are not UTF-8 end the run (strict, default), or become U+FFFD (replace)",
    )


def reading_of(args: argparse.Namespace, name: str, file: Path | None) -> Reading:
    """Returns how the arguments of `add_reading` say that an input is read.

    Args:
        args: the arguments.
        name: names the input in messages.
        file: the input's file, whose suffix is its format; None for standard input.

    Raises:
        InputError: the arguments contradict each other or the format.
    """
    from .reading import format_of, reading_for  # here, because every command adds its arguments

    kind = args.format or (format_of(file) if file else "txt")
    column, delimiter = (
        None if value is None else decoded(value, option)
        for option, value in (("--column", args.column), ("--delimiter", args.delimiter))
    )
    return reading_for(name, kind, column, delimiter, quotes=not args.no_quotes, errors=args.errors)


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
        raise InputError(f"{place}: {why_not_utf8(error)}") from None
