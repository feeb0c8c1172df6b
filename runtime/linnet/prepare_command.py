"""``linnet prepare``."""

import argparse

from linnet.bundle import open_bundle
from linnet.command import DONE
from linnet.prepared_files import prepared_files, remove


def run_prepare(args: argparse.Namespace) -> int:
    """Writes packed weights into a bundle's folder, or takes them away."""
    opened = open_bundle(args.bundle)
    if args.remove:
        print(f"{opened.path}: {'what was prepared is gone' if remove(opened.path) else 'nothing was prepared'}")
        return DONE
    from linnet.preparing import prepare  # which imports onnxruntime

    prepare(opened)
    size = sum(file.stat().st_size for file in prepared_files(opened.path))
    print(
        f"{opened.path} is prepared: {size / 1e6:.1f} MB more, for this kind of processor and this onnxruntime; "
        "elsewhere that is not used"
    )
    return DONE
