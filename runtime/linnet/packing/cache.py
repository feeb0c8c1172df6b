"""Where packed weights are: a folder a bundle, in a cache that belongs to the user and never inside a bundle.

Packed weights are executed, and no manifest or signature lists them. So they are used only if this user or root made
them, and nobody else can write to them. Where a caller demands that everything is hashed, root's are not used either.
"""

import hashlib
import os
import stat
from pathlib import Path

from ..bundle.manifest import Manifest
from ..errors import InputError
from ..names import GRAPH, WEIGHTS

VARIABLE = "LINNET_CACHE"
"""The environment variable with the folder of the cache."""

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path:
    """Returns the folder of the cache: `VARIABLE`, else ``linnet`` in ``XDG_CACHE_HOME``, else in ``~/.cache``.

    Raises:
        InputError: none of them is known.
    """
    if said := os.environ.get(VARIABLE):
        return Path(said)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "linnet"
    except RuntimeError:
        raise InputError(f"this user has no home folder: set {VARIABLE} to a folder for the packed weights") from None


def packed_folder(manifest: Manifest, cache: Path | None = None) -> Path:
    """Returns the folder of a bundle's packed weights; its name depends on the bundle's graph and weights alone."""
    made_of = "".join(manifest[name].sha256 for name in (GRAPH, WEIGHTS))
    return (cache or cache_folder()) / hashlib.sha256(made_of.encode()).hexdigest()[:32]


def is_trusted(path: Path, *, own: bool = False) -> bool:
    """Returns whether a folder or a regular file is this user's or root's, and nobody else can write to it.

    With ``own``, only this user's is. A link is not. Windows does not say who may write: there, every folder and regular file is trusted.

    Raises:
        OSError: there is no such file.
    """
    found = path.lstat()
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        return False
    if not hasattr(os, "geteuid"):
        return True
    owners = (os.geteuid(),) if own else (0, os.geteuid())
    return found.st_uid in owners and not found.st_mode & _OTHERS_MAY_WRITE
