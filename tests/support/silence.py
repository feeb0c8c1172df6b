"""What a process asked the system for, call by call, as ``strace`` tells it: sockets, programs, writes, reads."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tracing import CHANGED, environment

_FLAGS = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)")
_OPENED = re.compile(r'\b(?:open|openat|openat2|creat)\(.*?"([^"]*)"(.*)')
_FOLDER = re.compile(r'\((?:AT_FDCWD|\d+)<([^>]*)>, "')
"""The open folder that a path is relative to."""
_SOCKET = re.compile(r"\b(?:socket|socketpair|connect|bind|listen|accept4?|sendto|sendmsg|sendmmsg|recvfrom)\(")
_PROGRAM = re.compile(r'\bexecve\("([^"]*)"')
_NO_INTERFACE = ("unshare", "--net")


def _has_namespaces() -> bool:
    tool = shutil.which("unshare")
    return bool(tool) and subprocess.run([*_NO_INTERFACE, "true"], capture_output=True).returncode == 0


needs_namespaces = pytest.mark.skipif(
    not _has_namespaces(), reason="this user may not make a network namespace (unshare --net)"
)


@dataclass
class Asked:
    """What a process asked for and got."""

    sockets: list[str] = field(default_factory=list)
    """Calls that make or use a socket of any family; tried ones too."""
    programs: list[str] = field(default_factory=list)
    """Programs that were started, the first left out."""
    written: list[str] = field(default_factory=list)
    """Absolute paths that were opened for writing, made, renamed or removed."""
    read: list[str] = field(default_factory=list)
    """Absolute paths that were opened for reading."""


def asked(folder: Path, log: Path, arguments: Sequence[str | Path]) -> Asked:
    """Runs Python in a folder that is also its home, without network interfaces; returns what it asked for."""
    tracer = ["strace", "-f", "-y", "-qq", "-o", str(log), "-e", "trace=%file,%network"]
    command = [*_NO_INTERFACE, *tracer, sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found = Asked()
    for call in log.read_text(errors="replace").splitlines():
        _sort(call, folder, found)
    del found.programs[0]  # the interpreter
    return found


def _sort(call: str, folder: Path, found: Asked) -> None:
    """Puts a call where it belongs. A call that failed reads and writes nothing, but a socket is told all the same."""
    if _SOCKET.search(call):
        found.sockets.append(call)
    if " = -1 " in call:
        return
    relative = _FOLDER.search(call)
    here = Path(relative[1]) if relative else folder
    if match := _PROGRAM.search(call):
        found.programs.append(match[1])
    elif match := _OPENED.search(call):
        (found.written if _FLAGS.search(match[2]) else found.read).append(str(here / match[1]))
    elif match := CHANGED.search(call):
        found.written.append(str(here / match[1]))
