"""``linnet info`` and ``linnet verify``."""

import argparse
import json
import sys
from pathlib import Path

from linnet import bundle
from linnet.command import DONE, FAILED, Commands, add_command
from linnet.layout import PREPARED
from linnet.manifest import verify


def add_info(commands: Commands) -> None:
    """Declares ``info``."""
    add = add_command(commands, "info", "say what a bundle is", run_info, "linnet info my-bundle").add_argument
    add("bundle", nargs="?", type=Path, metavar="DIR", help="the bundle (default: the embedded one)")
    add("--json", action="store_true", help="one JSON object")


def add_verify(commands: Commands) -> None:
    """Declares ``verify``."""
    add = add_command(
        commands, "verify", "hash every file of a bundle, weights too", run_verify, "linnet verify my-bundle"
    ).add_argument
    add("bundle", nargs="?", type=Path, metavar="DIR", help="the bundle (default: the embedded one)")


def add_prepare(commands: Commands) -> None:
    """Declares ``prepare``."""
    add = add_command(
        commands,
        "prepare",
        "pack a bundle's weights for this machine once, so that it loads faster and processes share them",
        run_prepare,
        "linnet prepare my-bundle",
        "linnet prepare my-bundle --remove",
    ).add_argument
    add("bundle", nargs="?", type=Path, metavar="DIR", help="the bundle (default: the embedded one)")
    add("--remove", action="store_true", help="take away what was prepared")


def run_prepare(args: argparse.Namespace) -> int:
    """Writes packed weights into a bundle's folder, or takes them away."""
    from linnet.prepared import prepare, remove

    opened = bundle.open_bundle(args.bundle)
    if args.remove:
        print(f"{opened.path}: {'what was prepared is gone' if remove(opened) else 'nothing was prepared'}")
        return DONE
    prepare(opened)
    size = sum((opened.path / file).stat().st_size for file in PREPARED)
    print(
        f"{opened.path} is prepared: {size / 1e6:.1f} MB more, for this kind of processor and this onnxruntime; "
        "elsewhere that is not used"
    )
    return DONE


def run_info(args: argparse.Namespace) -> int:
    """Prints what a bundle is."""
    facts = describe(bundle.open_bundle(args.bundle))
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return DONE
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {_shown(name, value)}")
    return DONE


def run_verify(args: argparse.Namespace) -> int:
    """Hashes every file of a bundle, and says which are not what the manifest says."""
    folder = args.bundle or bundle.default_bundle()
    checked = size = faults = 0
    for record, fault in verify(folder):
        checked, size = checked + 1, size + record.size
        if fault:
            faults += 1
            print(f"linnet: {fault}", file=sys.stderr)
    if faults:
        print(f"{folder}: {faults} of {checked} files are not as they were made", file=sys.stderr)
        return FAILED
    print(f"{folder}: {checked} files, {size / 1e6:.1f} MB, all as they were made")
    return DONE


def describe(opened: bundle.Bundle) -> dict[str, object]:
    """The facts that ``linnet info`` prints."""
    from linnet.prepared import state  # which imports onnxruntime

    source, settings = opened.manifest["source"], opened.settings
    return {
        "bundle": str(opened.path),
        "task": settings.task,
        "source": source.get("id"),
        "revision": source.get("revision"),
        "recipe": source.get("recipe"),
        **_outcome(opened),
        "preprocessing": settings.preprocessing,
        "max_length": settings.max_length,
        "quantization": settings.quantization,
        "embedding_bits": settings.embedding_bits,
        "licence": opened.manifest.get("licence"),
        "accepted_licence": opened.manifest.get("accepted_licence"),
        "prepared": state(opened),
        "size": f"{opened.size / 1e6:.1f} MB",
        "format_version": opened.manifest["format_version"],
    }


def _outcome(opened: bundle.Bundle) -> dict[str, object]:
    """What the bundle makes of a text: one of its labels, or a vector."""
    settings = opened.settings
    if settings.task == bundle.EMBEDDING:
        return {"dimension": opened.hidden_size, "pooling": settings.pooling, "normalize": settings.normalize}
    return {"labels": list(opened.labels)}


def _shown(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    if value is None:
        return "not stated" if name == "licence" else "–"
    return str(value)
