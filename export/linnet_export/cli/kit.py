"""The command ``linnet-export kit``."""

import argparse
import json
from dataclasses import asdict

from linnet.cli.command import DONE
from linnet.notes import tell

from linnet_export.shipping.kit import SUMS, Kit, make_kit
from linnet_export.shipping.platforms import PLATFORMS, Target


def run_kit(args: argparse.Namespace) -> int:
    """Writes a kit, prints the sizes of what it contains, and returns the exit status."""
    target = Target(PLATFORMS[args.platform], args.python)
    kit = make_kit(args.bundles, args.output, target, linnet_wheel=args.linnet_wheel, key=args.key)
    for note in kit.notes:
        tell(f"note: {note}")
    if args.json:
        print(json.dumps(asdict(kit), ensure_ascii=False))
    else:
        print(_table(kit))
        options = " --key PUBLIC" if kit.signed_by else ""
        print(f"{args.output} is ready; there, run: sh install.sh DIR{options}   (Windows: install.ps1 DIR{options})")
        if kit.signed_by:
            print(f"signed by the key {kit.signed_by}; the kit does not contain it: bring it on another way")
        print(f"sha256 of {SUMS}, which covers every other file: {kit.digest}")
    return DONE


def _table(kit: Kit) -> str:
    """Returns the sizes in MB, a line an item."""
    others = kit.size - sum(item.packed for item in kit.items)
    rows = [(item.name, item.packed, item.installed) for item in kit.items]
    rows += [("licences, hashes, scripts", others, 0), ("all", kit.size, sum(item.installed for item in kit.items))]
    width = max(len(name) for name, *_ in rows)
    lines = [f"{'':<{width}}  {'MB':>7}  {'installed':>9}"]
    lines += [f"{name:<{width}}  {packed / 1e6:7.1f}  {installed / 1e6:9.1f}" for name, packed, installed in rows]
    return "\n".join(lines)
