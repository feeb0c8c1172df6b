"""Folders of bundles → checked copies, by name."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from linnet.bundle.demands import Demands
from linnet.bundle.opening import Bundle
from linnet.errors import BundleError, BundleIntegrityError, InputError
from linnet.names import MANIFEST, SIGNATURE
from linnet.trust.checking import check_signature
from linnet.trust.keys import Key, PublicKey
from linnet.trust.opening import open_meeting, open_trusted


def open_all(paths: Sequence[Path], key: Key | None = None) -> dict[str, Bundle]:
    """Opens bundles; returns them by the names of their folders.

    Args:
        paths: the folders of the bundles.
        key: the public key that must have signed every file in each folder; with None, any bundle will do.

    Raises:
        BundleError: a bundle cannot be loaded, or the key did not sign it.
        InputError: two folders have the same name, or the key cannot be used.
    """
    found: dict[str, Bundle] = {}
    for path in paths:
        name = path.resolve().name
        if name in found:
            raise InputError(f"expected folders with different names, found two called {name}: rename one")
        found[name] = open_trusted(path, key=key)
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

    Of a bundle that was opened with a key, every signed file is copied, also those that the manifest does not list.

    Raises:
        BundleIntegrityError: a file was altered, or was missing.
    """
    source, key = bundle.folder.resolved, bundle.demands.key
    if key:
        paths = [*check_signature(bundle.folder, PublicKey(key)).statement.files, SIGNATURE]
    else:
        paths = [MANIFEST, *(record.path for record in bundle.manifest.files)]
        paths += [SIGNATURE] if (source / SIGNATURE).is_file() else []
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, folder / path)
    try:
        open_meeting(Demands(key, bundle.digest), folder)
    except BundleError as error:
        raise BundleIntegrityError(str(error).replace(str(folder), str(bundle.path))) from None
