"""The command ``linnet-export vendor``."""

import argparse

from linnet.cli.command import DONE

from linnet_export.shipping.vendoring import vendor


def run_vendor(args: argparse.Namespace) -> int:
    """Writes the package, prints what it needs and what was left out, and returns the exit status."""
    made = vendor(args.output, args.package, bundle=args.bundle, without=args.without)
    print(f"{made.folder} is ready, {made.size / 1e6:.1f} MB without the bundle: from {_parent(args.package)}")
    print(f"needs: {' '.join(made.requires)}")
    print(f"left out: {', '.join(made.without)}")
    return DONE


def _parent(package: str) -> str:
    parent, _, name = package.rpartition(".")
    return f"{parent} import {name}" if parent else f"the top: import {name}"
