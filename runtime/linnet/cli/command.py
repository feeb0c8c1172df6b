"""Declares, runs and ends a command; shared by ``linnet`` and ``linnet-export``."""

import argparse
import codecs
import io
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias

from ..errors import BundleNotFoundError, InputError, LinnetError, MissingPackageError, TextValueError
from ..fields import nearest
from ..notes import tell
from .interrupts import heeding

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
Run = Callable[[argparse.Namespace], int]
Load = Callable[[], Run]
"""Imports the function that runs a command, and returns that function."""

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130

_CHOICES = re.compile(r"invalid choice: '(.*)' \(choose from (.*)\)")
"""How `argparse` tells an unknown command or value: what was given, and what there is."""


class Parser(argparse.ArgumentParser):
    """Parses arguments; says what is wrong with them in one line, where `argparse` prints all options before it."""

    def error(self, message: str) -> NoReturn:
        """Prints what is wrong, and exits with 2."""
        found = _CHOICES.search(message)
        near = found and nearest(found[1], found[2].replace("'", "").split(", "))
        meant = f"; did you mean {near}?" if near else ""
        told = "\\n".join(message.splitlines())  # an argument may have line breaks
        self.exit(UNUSABLE, f"{self.prog}: error: {told}{meant} (see {self.prog} --help)\n")

    def unknown(self, arguments: Sequence[str]) -> NoReturn:
        """Prints that there are no such arguments, and what was probably meant; exits with 2."""
        usage = self.format_usage()  # argparse has no public list of the options; the usage has all that are shown
        known = re.findall(r"--([a-z][a-z0-9-]*)", usage)
        found = (nearest(each.partition("=")[0].lstrip("-"), known) for each in arguments if each.startswith("-"))
        near = dict.fromkeys(f"--{each}" for each in found if each)
        remedy = f"did you mean {' and '.join(near)}?" if near else ""
        takes_texts = "TEXT" in usage  # so all commands call these arguments
        if not near and takes_texts and not any(each.startswith("--") for each in arguments):
            remedy = "a text that starts with - stands after --"
        self.error("; ".join(filter(None, [f"unrecognized arguments: {' '.join(arguments)}", remedy])))


def add_command(commands: Commands, name: str, purpose: str, load: Load, *examples: str) -> argparse.ArgumentParser:
    """Adds a command with its purpose and its examples; the function that ``load`` returns runs it."""
    parser = commands.add_parser(
        name,
        help=purpose,
        description=purpose[0].upper() + purpose[1:] + ".",
        epilog="\n  ".join(["examples:" if len(examples) > 1 else "example:", *examples]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(load=load, parser=parser)
    return parser


def parse(parser: Parser, argv: Sequence[str] | None) -> argparse.Namespace:
    """Parses the arguments of one command; says so and exits with 2 if it does not know one of them."""
    given = list(sys.argv[1:] if argv is None else argv)
    args, unknown = parser.parse_known_args(given)
    if unknown and given[0].startswith("-"):
        parser.error(f"unrecognized arguments: {' '.join(unknown)}; give options after the command")
    if unknown:  # or texts on both sides of an option, which `parse_known_args` does not collect
        command: Parser = args.parser
        args, unknown = command.parse_known_intermixed_args(given[1:])
        if unknown:
            command.unknown(unknown)
    return args


def path(value: str) -> Path:
    """Returns the path that an argument names."""
    return Path(not_empty(value))


def not_empty(value: str) -> str:
    """Returns an argument unchanged; argparse rejects it if it is empty."""
    if not value:
        raise argparse.ArgumentTypeError("the path is empty: give a file or a folder, or omit this argument")
    return value


def run_command(args: argparse.Namespace, program: str) -> int:
    """Runs the function that ``args.load`` returns, and turns errors into a message and an exit status."""
    _write_utf8()
    try:
        run: Run = args.load()
        with heeding(program):
            status = run(args)
            if sys.stdout is not None:
                sys.stdout.flush()
        return status
    except (InputError, BundleNotFoundError, MissingPackageError, TextValueError) as error:
        return _complain(program, error, UNUSABLE)
    except LinnetError as error:
        return _complain(program, error, FAILED)
    except KeyboardInterrupt:  # of a calling program that handles SIGINT as Python does
        return _complain(program, "interrupted", INTERRUPTED)
    except BrokenPipeError:  # the reader closed the pipe
        _discard_output()
        return DONE
    except OSError as error:
        _discard_output()
        return _complain(
            program,
            f"{_place(error)}{error.strerror or error}; check the permissions and the free disk space",
            FAILED,
        )


def _write_utf8() -> None:
    """Makes the standard streams write UTF-8, like the files, whatever the locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    if isinstance(sys.stderr, io.TextIOWrapper):
        codecs.register_error("linnet.shown", _shown)
        sys.stderr.reconfigure(encoding="utf-8", errors="linnet.shown")


def _shown(error: UnicodeError) -> tuple[str | bytes, int]:
    """Returns the bytes of an argument that the locale cannot decode, such as a file's name, as they were given."""
    assert isinstance(error, UnicodeEncodeError)
    found = error.object[error.start : error.end]
    try:
        return found.encode("utf-8", "surrogateescape"), error.end
    except UnicodeEncodeError:
        return found.encode("ascii", "backslashreplace"), error.end


def _place(error: OSError) -> str:
    return "cannot write: " if error.filename is None else f"{error.filename}: "


def _discard_output() -> None:
    """Sends buffered output to the null device, so that the flush at exit does not fail."""
    if sys.stdout is None:  # it was closed before the start
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(program: str, message: object, status: int) -> int:
    tell(f"{program}: {message}")
    return status
