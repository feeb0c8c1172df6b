"""``linnet prepare``."""

import argparse
from pathlib import Path

from linnet.bundle import open_bundle
from linnet.command import DONE
from linnet.errors import InputError
from linnet.layout import PREPARED
from linnet.prepared_files import STAGING, prepared_files, prepared_size
from linnet.staging import clear_abandoned


def run_prepare(args: argparse.Namespace) -> int:
    """Writes packed weights into a bundle's folder, or takes them away."""
    opened = open_bundle(args.bundle)
    if args.remove:
        print(f"{opened.path}: {'what was prepared is gone' if remove(opened.path) else 'nothing was prepared'}")
        return DONE
    from linnet.preparing import prepare  # which imports onnxruntime

    prepare(opened)
    print(
        f"{opened.path} is prepared: {prepared_size(opened.path) / 1e6:.1f} MB more, for this kind of processor and this onnxruntime; "
        "elsewhere that is not used"
    )
    return DONE


def remove(folder: Path) -> bool:
    """Takes away what is prepared, and what killed processes left of it; says whether there was anything.

    Raises:
        InputError: the bundle's folder cannot be written to.
    """
    found = sorted(
        prepared_files(folder), key=lambda file: file.suffix != ".json"
    )  # others do not count without the list
    try:
        for file in found:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror or error})") from error
    return clear_abandoned((folder / PREPARED).parent, STAGING) or bool(found)
