"""qemu-user: the one on the PATH if it will do, else Debian's, unpacked into the work folder."""

import re
import shutil
import subprocess
from pathlib import Path

from isa.debian import SUITE, unpack
from isa.errors import EmulationError
from isa.machines import ARM, X86

_LEAST = {X86: 7, ARM: 10}
"""The first version that runs onnxruntime; 7.2 crashes when an aarch64 onnxruntime 1.31 is imported."""


def emulator(architecture: str, work: Path) -> Path:
    """The qemu of an architecture.

    Raises:
        EmulationError: there is none that will do, and none can be had.
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
    """The major version of a qemu; 0 if it does not say."""
    said = subprocess.run([qemu, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"version (\d+)", said)
    return int(match[1]) if match else 0
