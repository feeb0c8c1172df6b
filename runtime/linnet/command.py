"""How a command is declared, carried out and ended: shared by ``linnet`` and ``linnet-export``."""

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TypeAlias

from linnet.errors import BundleNotFoundError, InputError, LinnetError, TextValueError
from linnet.notes import tell

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run = Callable[[argparse.Namespace], int]
Load = Callable[[], Run]
"""Imports what carries a command out, and gives it."""

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


def add_command(commands: Commands, name: str, purpose: str, load: Load, *examples: str) -> argparse.ArgumentParser:
    """A command with its purpose and its examples, carried out by what ``load`` gives."""
    parser = commands.add_parser(
        name,
        help=purpose,
        description=purpose[0].upper() + purpose[1:] + ".",
        epilog="\n  ".join(["examples:" if len(examples) > 1 else "example:", *examples]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(load=load, parser=parser)
    return parser


def parse(parser: argparse.ArgumentParser, argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments of one command; exits with 2, and that command's usage, where there are some it does not know."""
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        args.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return args


def path(value: str) -> Path:
    """The path that an argument names."""
    return Path(not_empty(value))


def not_empty(value: str) -> str:
    """An argument that has to name something."""
    if not value:
        raise argparse.ArgumentTypeError("the path is empty: name a file or a folder, or leave it out")
    return value


def run_command(args: argparse.Namespace, program: str) -> int:
    """Carries out what ``args.load`` gives, and turns what it raises into a message and an exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # whatever the locale, as files are
    try:
        run: Run = args.load()
        _heed_signals()  # only now: what interrupts an import can be anything by the time it gets here
        status = run(args)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except (InputError, BundleNotFoundError, TextValueError) as error:
        return _complain(program, error, UNUSABLE)
    except LinnetError as error:
        return _complain(program, error, FAILED)
    except KeyboardInterrupt:
        return _complain(program, "interrupted; nothing half written is left", INTERRUPTED)
    except BrokenPipeError:  # whoever was reading has read enough
        _discard_output()
        return DONE
    except OSError as error:
        _discard_output()
        return _complain(
            program,
            f"{_place(error)}{error.strerror or error}; see that it can be read or written, and that there is room",
            FAILED,
        )


def _place(error: OSError) -> str:
    return "cannot write: " if error.filename is None else f"{error.filename}: "


def _heed_signals() -> None:
    """From now on a signal that ends the process is a `KeyboardInterrupt`, so that nothing half written is left."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # as the console script left it
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _discard_output() -> None:
    """What is left in the buffer of a standard output that takes no more is not flushed at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(program: str, message: object, status: int) -> int:
    tell(f"{program}: {message}")
    return status
