"""Runs Linnet's commands, for the tests."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

TIMEOUT = 30  # seconds


class Result:
    """What a command gave: its exit status and what it printed."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.split("\n")[:-1]]


Run = Callable[..., Result]
"""Runs a command in this process: the fixture ``run``."""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def attend() -> None:
    """For ``preexec_fn``: heeds SIGINT, which jobs of a shell that is not interactive ignore, and their children too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def linnet_process(*argv: str | bytes, **options: Any) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "PYTHONUNBUFFERED": "1", **options.pop("env", {})}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    command = [sys.executable, "-m", "linnet", *argv]
    process = subprocess.Popen(command, env=env, preexec_fn=attend, **pipes)
    watchdog = threading.Timer(TIMEOUT, process.kill)  # so that a test that waits for it fails in the end
    watchdog.daemon = True
    watchdog.start()
    return process


def ended(process: "subprocess.Popen[bytes]", stdin: bytes | None = None) -> Result:
    try:
        out, err = process.communicate(stdin, timeout=TIMEOUT)
    finally:
        process.kill()
    return Result(process.returncode, (out or b"").decode(), (err or b"").decode())
