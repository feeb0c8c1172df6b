"""Turns what a command raises into an error with a message; keeps the traceback for ``--debug``."""

import argparse
import traceback

from linnet.cli.command import Load, Run
from linnet.errors import LinnetError
from linnet.notes import tell

from linnet_export.errors import described


class UnexpectedError(LinnetError):
    """An error that neither the checkpoint nor the arguments explain."""


def explained(load: Load, *, debug: bool) -> Load:
    """Returns a function that loads the same command, which raises only errors that have a message for the user.

    With ``debug``, the command prints the traceback of an error before it raises the error.
    """

    def load_explained() -> Run:
        run = load()

        def run_explained(args: argparse.Namespace) -> int:
            try:
                return run(args)
            except Exception as error:  # the last net: nobody should have to read a traceback who did not ask for it
                if debug:
                    tell("".join(traceback.format_exception(error)).rstrip())
                if isinstance(error, (LinnetError, OSError)):
                    raise
                raise UnexpectedError(
                    f"stopped by an error that Linnet does not expect: {described(error)}; "
                    "run again with --debug, and report what it prints"
                ) from error

        return run_explained

    return load_explained
