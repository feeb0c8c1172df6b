"""What processes share, read off ``/proc/PID/smaps``."""

import subprocess
import sys
from pathlib import Path

import pytest

needs_smaps = pytest.mark.skipif(
    not Path("/proc/self/smaps").exists(), reason="this system does not say what is mapped"
)

_WAIT = """
print("ready", flush=True)
sys.stdin.read()
"""


def shared(code: str, *arguments: Path, of: Path) -> list[dict[str, int]]:
    """What each of two processes that ran the code, and are still there, has of a mapped file, in kB."""
    command: list[str | Path] = [sys.executable, "-c", code + _WAIT, *arguments]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for child in children:
            assert child.stdout and child.stdout.readline() == "ready\n"
        return [_mapped(child.pid, of) for child in children]
    finally:
        for child in children:
            child.communicate()


def _mapped(process: int, file: Path) -> dict[str, int]:
    """What a process has of a mapped file, in kB."""
    found = dict.fromkeys(("Rss", "Pss", "Anonymous"), 0)
    inside = False
    for line in Path(f"/proc/{process}/smaps").read_text(encoding="utf-8").splitlines():
        name, *values = line.split()
        if not name.endswith(":"):
            inside = line.endswith(str(file))
        elif inside and name[:-1] in found:
            found[name[:-1]] += int(values[0])
    return found
