"""Downloads linnet's dependencies as wheels, for an architecture and a version of onnxruntime, into the work folder."""

import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from isa.errors import EmulationError

INSTALLED = "installed"
"""Stands for the installed version of onnxruntime."""

_GLIBC = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")


def site_packages(work: Path, architecture: str, python: str, onnxruntime: str) -> Path:
    """Returns a folder with onnxruntime, tokenizers and numpy; downloads them once.

    Args:
        work: the work folder.
        architecture: the processor's architecture, as in the names of wheels.
        python: the version of Python, ``3.13``.
        onnxruntime: a version, ``1.23.2`` or ``1.23.*``, or `INSTALLED`.

    Raises:
        EmulationError: the index has no such wheels.
    """
    if onnxruntime == INSTALLED:
        onnxruntime = version("onnxruntime")
    wanted = [f"onnxruntime=={onnxruntime}", f"tokenizers=={version('tokenizers')}"]
    target = work / f"{architecture}-python{python}-{'-'.join(wanted).replace('*', 'x')}"
    if target.is_dir():
        return target
    with TemporaryDirectory(dir=work, prefix=".unpacking-") as folder:
        wheels, site = Path(folder) / "wheels", Path(folder) / "site"
        _download([*wanted, "numpy"], architecture, python, wheels)
        for wheel in sorted(wheels.glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(site)
        site.rename(target)
    return target


def _download(requirements: list[str], architecture: str, python: str, target: Path) -> None:
    platforms = [part for glibc in _GLIBC for part in ("--platform", f"{glibc}_{architecture}")]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += [*platforms, "--python-version", python, "--dest", str(target), *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EmulationError(
            f"expected {architecture} wheels of {', '.join(requirements)} for Python {python}: pip download failed: {last}"
        )
