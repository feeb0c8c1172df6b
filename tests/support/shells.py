"""Runs the shell blocks of pages as they stand."""

import os
import subprocess
import sys
from pathlib import Path


def shell(folder: Path, block: str, **env: str) -> str:
    """Runs a page's block in a folder; returns what it printed. On a busy machine, a build takes many minutes."""
    path = f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {
        **os.environ,
        "PATH": path,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_QUIET": "1",
        "PIP_NO_COMPILE": "1",
        **env,
    }
    command = ["bash", "-euo", "pipefail", "-c", block]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
