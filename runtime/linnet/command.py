"""How a command is declared, carried out and ended: shared by ``linnet`` and ``linnet-export``."""

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TypeAlias

from linnet.errors import BundleNotFoundError, InputError, LinnetError, TextValueError

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run = Callable[[argparse.Namespace], int]

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


def add_command(commands: Commands, name: str, purpose: str, run: Run, *examples: str) -> argparse.ArgumentParser:
    """A command with its purpose and its examples, which ``run`` carries out."""
    parser = commands.add_parser(
        name,
        help=purpose,
        description=purpose[0].upper() + purpose[1:] + ".",
        epilog="\n  ".join(["examples:" if len(examples) > 1 else "example:", *examples]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def run_command(args: argparse.Namespace, program: str) -> int:
    """Carries out ``args.run``, and turns what it raises into a message and an exit status."""
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):  # so that nothing half written is left; Windows has no SIGHUP
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), _interrupt)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # whatever the locale, as files are
    try:
        status: int = args.run(args)
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


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _discard_output() -> None:
    """What is left in the buffer of a standard output that takes no more is not flushed at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(program: str, message: object, status: int) -> int:
    print(f"{program}: {message}", file=sys.stderr)
    return status
