"""Provides Debian's Python for aarch64, in the work folder."""

from pathlib import Path

from isa.debian import SUITE, unpack

PYTHON = "3.13"
"""The version of Python in the suite."""

_PACKAGES = (
    f"python{PYTHON}-minimal",
    f"libpython{PYTHON}-minimal",
    f"libpython{PYTHON}-stdlib",
    *("libc6", "libgcc-s1", "libstdc++6", "libexpat1", "zlib1g", "libffi8", "liblzma5", "libbz2-1.0", "libuuid1"),
)


def python_root(work: Path) -> Path:
    """Returns the root of a file system with an aarch64 Python at ``usr/bin/python3``.

    Raises:
        EmulationError: its packages cannot be downloaded.
    """
    root = work / f"aarch64-{SUITE}"
    if not root.is_dir():
        unpack(_PACKAGES, "arm64", root)
    for link, to in ((root / "lib", "usr/lib"), (root / "usr/bin/python3", f"python{PYTHON}")):
        if not link.is_symlink():
            link.symlink_to(to)
    return root
