"""The command ``linnet prepare``."""

import argparse
from pathlib import Path

from ...bundle.opening import open_bundle
from ...errors import InputError
from ...notes import tell
from ...packing.cache import VARIABLE, cache_folder
from ...packing.listing import prepared_size
from ..command import DONE


def run_prepare(args: argparse.Namespace) -> int:
    """Writes a bundle's packed weights into the cache, or removes them; returns the exit status."""
    from ...packing.packing import prepare, remove  # here, because it imports onnxruntime

    opened = open_bundle(args.bundle)
    if args.remove:
        removed = remove(opened, args.cache)
        print(f"{opened.path}: {'packed weights removed' if removed else 'there were no packed weights'}")
        return DONE
    folder = prepare(opened, args.cache)
    print(
        f"{opened.path} is prepared: {prepared_size(folder) / 1e6:.1f} MB in {folder}, for this kind of processor "
        "and this onnxruntime"
    )
    if args.cache and args.cache.resolve() != _usual_cache():
        tell(f"note: programs use it if the environment variable {VARIABLE} is {args.cache.resolve()}")
    return DONE


def _usual_cache() -> Path | None:
    """Returns the folder of the cache where programs look; None for a user without a home."""
    try:
        return cache_folder().resolve()
    except InputError:
        return None
