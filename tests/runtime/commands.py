"""Runs Linnet's commands, for the tests."""

import json
import os
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


def linnet_process(*argv: str | bytes, **options: Any) -> "subprocess.Popen[bytes]":
    # Jobs of a shell that is not interactive ignore SIGINT, and their children with them.
    code = (
        "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "runpy.run_module('linnet', run_name='__main__', alter_sys=True)"
    )
    env = {**os.environ, "PYTHONUNBUFFERED": "1", **options.pop("env", {})}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    process = subprocess.Popen([sys.executable, "-c", code, *argv], env=env, **pipes)
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
