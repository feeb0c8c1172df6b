"""What a process asks of the system, as ``strace`` tells it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NETWORK = re.compile(r"\b(?:connect|bind|sendto|sendmsg|sendmmsg)\(.*AF_INET|\bsocket\(AF_INET")
OPENED = re.compile(r"\b(?:open|openat|openat2|creat)\(.*?\"([^\"]*)\".*\bO_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)")
CHANGED = re.compile(
    r"\b(?:creat|mkdir|mknod|link|symlink|rename|unlink|rmdir|truncate|l?chown|fchownat|f?chmod|utime|utimens|futimes|setxattr)"
    r"(?:at|at2)?\(.*?\"([^\"]*)\""
)

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def environment(home: Path) -> dict[str, str]:
    """What a user's first run has: an own home, and nothing that this process has set."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    return {**kept, "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}


def run(folder: Path, code: str, *arguments: str, tracer: tuple[str, ...] = ()) -> str:
    """Runs Python code in a folder that is also its home; gives what it printed."""
    command = [*tracer, sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def traced(folder: Path, log: Path, code: str, *arguments: str) -> tuple[list[str], list[str]]:
    """The system calls that reached for a network, and those that changed a file system."""
    run(folder, code, *arguments, tracer=("strace", "-f", "-qq", "-o", str(log), "-e", "trace=%file,%network"))
    calls = log.read_text(errors="replace").splitlines()
    assert any("libonnxruntime" in call or "onnxruntime" in call for call in calls) or "onnxruntime" not in code
    network = [call for call in calls if NETWORK.search(call)]
    found = [(call, match[1]) for call in calls for match in [OPENED.search(call) or CHANGED.search(call)] if match]
    return network, [call for call, path in found if not path.startswith("/dev/")]
