"""The Pythons of this machine, as ``scripts/test`` finds them: on the PATH, or with pyenv."""

import shutil
import subprocess
from functools import cache

VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


@cache
def interpreter(version: str) -> str | None:
    """The path of a Python of this version; None if there is none."""
    if found := _runs(f"python{version}"):
        return found
    if shutil.which("pyenv") is None:
        return None
    listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True).stdout.split()
    kept = [each for each in listed if each.startswith(f"{version}.") and each.replace(".", "").isdecimal()]
    if not kept:
        return None
    prefix = subprocess.run(["pyenv", "prefix", kept[-1]], capture_output=True, text=True).stdout.strip()
    return _runs(f"{prefix}/bin/python")


def _runs(program: str) -> str | None:
    if shutil.which(program) is None:
        return None
    done = subprocess.run([program, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None
