"""Finds qemu-user: on the PATH if it is new enough, else Debian's, unpacked into the work folder."""

import re
import shutil
import subprocess
from pathlib import Path

from isa.debian import SUITE, unpack
from isa.errors import EmulationError
from isa.machines import ARM, X86

_LEAST = {X86: 7, ARM: 10}
"""The first version that runs onnxruntime; 7.2 crashes when it imports an aarch64 onnxruntime 1.31."""


def emulator(architecture: str, work: Path) -> Path:
    """Returns the path of qemu for an architecture.

    Raises:
        EmulationError: no qemu is new enough, and the download failed.
    """
    name, least = f"qemu-{architecture}", _LEAST[architecture]
    for candidate in (name, f"{name}-static"):
        found = shutil.which(candidate)
        if found and version(Path(found)) >= least:
            return Path(found)
    unpacked = work / f"qemu-{SUITE}"
    if not unpacked.is_dir():
        try:
            unpack(["qemu-user"], "amd64", unpacked, only=[f"./usr/bin/qemu-{each}" for each in _LEAST])
        except EmulationError as error:
            raise EmulationError(
                f"expected {name} {least} or later, found none: install your system's qemu-user ({error})"
            ) from error
    return unpacked / "usr" / "bin" / name


def version(qemu: Path) -> int:
    """Returns the major version of a qemu; 0 if unknown."""
    said = subprocess.run([qemu, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"version (\d+)", said)
    return int(match[1]) if match else 0
