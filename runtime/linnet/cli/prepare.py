"""The command ``linnet prepare``."""

import argparse
from pathlib import Path

from ..bundle.opening import open_bundle
from ..errors import InputError
from ..names import PREPARED
from ..packing.listing import STAGING, prepared_files, prepared_size
from ..staging import clear_abandoned
from .command import DONE


def run_prepare(args: argparse.Namespace) -> int:
    """Writes packed weights into a bundle's folder, or removes them; returns the exit status."""
    opened = open_bundle(args.bundle)
    if args.remove:
        print(f"{opened.path}: {'packed weights removed' if remove(opened.path) else 'there were no packed weights'}")
        return DONE
    from ..packing.packing import prepare  # here, because it imports onnxruntime

    prepare(opened)
    print(
        f"{opened.path} is prepared: {prepared_size(opened.path) / 1e6:.1f} MB more, for this kind of processor "
        "and this onnxruntime; other machines ignore it"
    )
    return DONE


def remove(folder: Path) -> bool:
    """Removes packed weights, and files that killed processes left; returns whether there were any.

    Raises:
        InputError: the bundle's folder is not writable.
    """
    found = sorted(
        prepared_files(folder), key=lambda file: file.suffix != ".json"
    )  # the list first: without it, the other files are ignored
    try:
        for file in found:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot write to this folder ({error.strerror or error})") from error
    return clear_abandoned((folder / PREPARED).parent, STAGING) or bool(found)
