"""Python and linnet's dependencies for aarch64, in the work folder: Debian's interpreter, the index's wheels."""

import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from isa.debian import SUITE, unpack
from isa.errors import EmulationError

_PYTHON = "3.13"  # of the suite
_PACKAGES = (
    f"python{_PYTHON}-minimal",
    f"libpython{_PYTHON}-minimal",
    f"libpython{_PYTHON}-stdlib",
    *("libc6", "libgcc-s1", "libstdc++6", "libexpat1", "zlib1g", "libffi8", "liblzma5", "libbz2-1.0", "libuuid1"),
)
_PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")


def python_root(work: Path) -> Path:
    """A file system with an aarch64 Python at ``usr/bin/python3``.

    Raises:
        EmulationError: its packages cannot be had.
    """
    root = work / f"aarch64-{SUITE}"
    if not root.is_dir():
        unpack(_PACKAGES, "arm64", root)
    for link, to in ((root / "lib", "usr/lib"), (root / "usr/bin/python3", f"python{_PYTHON}")):
        if not link.is_symlink():
            link.symlink_to(to)
    return root


def site_packages(work: Path) -> Path:
    """A folder with the aarch64 wheels of what linnet needs; onnxruntime and tokenizers as here.

    Raises:
        EmulationError: the index has no such wheels.
    """
    wanted = [f"{name}=={version(name)}" for name in ("onnxruntime", "tokenizers")]
    target = work / f"aarch64-python{_PYTHON}-{'-'.join(wanted)}"
    if target.is_dir():
        return target
    with TemporaryDirectory(dir=work, prefix=".unpacking-") as folder:
        wheels, site = Path(folder) / "wheels", Path(folder) / "site"
        _download([*wanted, "numpy"], wheels)
        for wheel in sorted(wheels.glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(site)
        site.rename(target)
    return target


def _download(requirements: list[str], target: Path) -> None:
    platforms = [part for platform in _PLATFORMS for part in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += [*platforms, "--python-version", _PYTHON, "--dest", str(target), *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EmulationError(f"expected aarch64 wheels of {', '.join(requirements)}: pip download failed: {last}")
