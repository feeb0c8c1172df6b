"""A root file system with a Python and a shell, made of this machine's files: a base image where no registry is."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

_LEFT_OUT = ("__pycache__", "test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "config-*", "site-packages")
_FOUND = re.compile(r"(?:=> )?(/\S+) \(0x")
_ALSO = ("libstdc++.so.6", "libgcc_s.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1")
"""What wheels expect of every Linux, beside what Python itself is linked with."""


def write_base(root: Path, python: Path) -> None:
    """Writes the files into an empty folder; ``python`` is the executable of an installed Python, not of a venv."""
    prefix = python.resolve().parents[1]
    version = re.sub(r"^python", "", python.resolve().name)
    library = Path("lib") / f"python{version}"
    for name in ("tmp", "etc", "proc", "sys", "dev", "run", "bin", "usr/bin", "usr/local/bin"):
        (root / name).mkdir(parents=True, exist_ok=True)
    shutil.copytree(prefix / library, root / "usr/local" / library, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    packages = root / "usr/local" / library / "site-packages"
    for found in (prefix / library / "site-packages").glob("pip*"):
        shutil.copytree(found, packages / found.name, ignore=shutil.ignore_patterns("__pycache__"))
    _copy(python.resolve(), root / f"usr/local/bin/python{version}")
    (root / "usr/local/bin/python3").symlink_to(f"python{version}")
    _copy(Path("/bin/sh").resolve(), root / "bin/sh")
    extensions = [file for file in (prefix / library).glob("lib-dynload/*.so") if "_tkinter" not in file.name]
    libraries = _libraries([python.resolve(), Path("/bin/sh").resolve(), *extensions]) | _by_name(_ALSO)
    (searched,) = {file.parent for file in libraries if file.name == "libc.so.6"}
    for file in libraries:  # the loader is named by its path, and looks for the others in the folder of libc
        place = file if file.name.startswith("ld-linux") else searched / file.name
        _copy(file.resolve(), root / place.relative_to("/"))
        if prefix in file.parents:  # Python's own, also where a test hides /lib
            _copy(file.resolve(), root / "usr/local/lib" / file.name)
    (root / "tmp").chmod(0o1777)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _libraries(files: Iterable[Path]) -> set[Path]:
    """The libraries that files are linked with, as the loader finds them."""
    done = subprocess.run(["ldd", *files], capture_output=True, text=True)
    return {Path(found) for found in _FOUND.findall(done.stdout)}


def _by_name(names: Iterable[str]) -> set[Path]:
    """The libraries of these names that the loader knows."""
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    return {Path(match[1]) for name in names if (match := re.search(rf"{re.escape(name)} .*=> (/\S+)", listed))}
