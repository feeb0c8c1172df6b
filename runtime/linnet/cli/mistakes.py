"""Texts on the command line that were probably meant otherwise: the names of files and bundles, and JSON."""

import shlex
import stat
from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError
from ..names import SETTINGS
from ..notes import counted, tell
from .formats.rows import FORMATS
from .formats.suspicions import suspicion


def check_texts(texts: Sequence[str], command: str) -> None:
    """Checks that the texts are not all names of files, and that the first is no bundle; notes what else is doubtful.

    A text may equal the name of a file by chance, so that some among several get a note only.

    Args:
        texts: the texts on the command line.
        command: what was run, such as ``linnet classify``.

    Raises:
        InputError: the texts are names; the message gives the right command.
    """
    modes = {text: _mode(text) for text in texts}
    if is_bundle(texts[0]):
        others = " ".join(map(shlex.quote, texts[1:])) or "TEXT"
        raise InputError(
            f"expected a text, found the bundle {texts[0]}: {command} --bundle {shlex.quote(texts[0])} {others}"
        )
    if texts[0] == "-" and len(texts) == 1:
        raise InputError("expected a text, found '-': to read standard input, give no text, or --input -")
    files = [text for text in texts if stat.S_ISREG(modes[text])]
    folders = [text for text in texts if stat.S_ISDIR(modes[text])]
    if len(files) == len(texts):
        raise InputError(
            f"expected a text, found the file {files[0]}: {_command(files[0], command)}; "
            f"if the name is the text: printf '%s\\n' {shlex.quote(files[0])} | {command}"
        )
    _note(texts, files, folders, command)


def is_bundle(name: str) -> bool:
    """Returns whether a name on the command line is that of a bundle."""
    return stat.S_ISDIR(_mode(name)) and stat.S_ISREG(_mode(f"{name}/{SETTINGS}"))


def _note(texts: Sequence[str], files: list[str], folders: list[str], command: str) -> None:
    if files:
        told = counted(len(files), "text is the name of a file", "texts are names of files")
        tell(f"note: {told}: to read the texts in it: {_command(files[0], command)}")
    if folders:
        told = counted(len(folders), "text is the name of a folder", "texts are names of folders")
        tell(f"note: {told}, such as {folders[0]}: its name is answered, not its content")
    found = next(filter(None, map(suspicion, texts)), None)
    if found and "JSON" in found:
        tell("note: a text looks like JSON: to read texts from JSON objects, give them in a .jsonl file with --input")


def _mode(name: str) -> int:
    """Returns what a name is in the file system; 0 if there is nothing of that name."""
    try:
        return Path(name).stat().st_mode if name else 0  # `Path("")` is the current folder
    except (OSError, ValueError):  # also for a text that is too long for a name, or has a NUL
        return 0


def _command(file: str, command: str) -> str:
    option = "" if file.lower().endswith(tuple(f".{name}" for name in FORMATS)) else " --format txt"
    return f"{command} --input {shlex.quote(file)}{option}"
