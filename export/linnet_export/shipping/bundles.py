"""Folders of bundles → checked copies, by name."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from linnet.bundle.integrity import verify
from linnet.bundle.opening import Bundle, open_bundle
from linnet.errors import BundleIntegrityError, InputError
from linnet.names import MANIFEST, SIGNATURE


def open_all(paths: Sequence[Path]) -> dict[str, Bundle]:
    """Opens bundles; returns them by the names of their folders.

    Raises:
        BundleError: a bundle cannot be loaded.
        InputError: two folders have the same name.
    """
    found: dict[str, Bundle] = {}
    for path in paths:
        name = path.resolve().name
        if name in found:
            raise InputError(f"expected folders with different names, found two called {name}: rename one")
        found[name] = open_bundle(path)
    return found


def copy_all(bundles: Mapping[str, Bundle], folder: Path) -> None:
    """Copies bundles into a folder, each with its signature if it has one, and checks the copies.

    Raises:
        BundleIntegrityError: a file was altered, or was missing.
    """
    for name, bundle in bundles.items():
        copy_bundle(bundle, folder / name)


def copy_bundle(bundle: Bundle, folder: Path) -> None:
    """Copies a bundle's files, and its signature if it has one; checks the copy.

    Raises:
        BundleIntegrityError: a file was altered, or was missing.
    """
    source = bundle.folder.resolved
    listed = [MANIFEST, *(record.path for record in bundle.manifest.files)]
    for path in [*listed, *([SIGNATURE] if (source / SIGNATURE).is_file() else [])]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, folder / path)
    for _, fault in verify(folder, bundle.digest):
        if fault:
            raise BundleIntegrityError(fault.replace(str(folder), str(bundle.path)))
