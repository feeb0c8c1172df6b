"""The bundle that a command's arguments name, as ``DIR`` or with ``--bundle DIR``."""

import argparse
from pathlib import Path

from ..errors import InputError


def folder_of(args: argparse.Namespace) -> Path | None:
    """Returns the folder of the bundle; None for the embedded default.

    Raises:
        InputError: two are given.
    """
    if args.directory and args.bundle:
        raise InputError(f"expected one bundle, found {args.directory} and --bundle {args.bundle}: omit one")
    folder: Path | None = args.directory or args.bundle
    return folder
