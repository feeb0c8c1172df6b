"""``linnet info`` and ``linnet verify``."""

import argparse
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from linnet import bundle
from linnet.command import DONE, FAILED
from linnet.errors import BundleFormatError
from linnet.layout import PREPARED
from linnet.manifest import FileRecord, hashed, verify
from linnet.notes import tell
from linnet.prepared_files import left_behind, prepared_files, prepared_size, read_prepared, remedy, strangers


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
    for record, fault in chain(verify(folder), _verify_prepared(folder)):
        checked, size = checked + 1, size + record.size
        if fault:
            faults += 1
            tell(f"linnet: {fault}")
    for file in strangers(folder):
        tell(f"note: {file} is not in the manifest: no part of the bundle, and not looked at")
    if left := left_behind(folder):
        tell(
            f"note: {left} is of a linnet prepare that is under way or was ended: linnet prepare {folder} --remove clears up"
        )
    if faults:
        tell(f"{folder}: {faults} of {checked} files are not as they were made")
        return FAILED
    print(f"{folder}: {checked} files, {size / 1e6:.1f} MB, all as they were made")
    return DONE


def describe(opened: bundle.Bundle) -> dict[str, object]:
    """The facts that ``linnet info`` prints."""
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
        "vocabulary": f"{opened.config['vocab_size']} pieces"
        + (f" ({settings.vocabulary})" if settings.vocabulary else ""),
        "licence": opened.manifest.get("licence"),
        "accepted_licence": opened.manifest.get("accepted_licence"),
        "prepared": _prepared(opened),
        "prepared_size": f"{size / 1e6:.1f} MB" if (size := prepared_size(opened.path)) else None,
        "size": f"{opened.size / 1e6:.1f} MB",
        "format_version": opened.manifest["format_version"],
    }


def _outcome(opened: bundle.Bundle) -> dict[str, object]:
    """What the bundle makes of a text: one of its labels, or a vector."""
    settings = opened.settings
    if settings.task == bundle.EMBEDDING:
        return {"dimension": opened.hidden_size, "pooling": settings.pooling, "normalize": settings.normalize}
    return {"labels": list(opened.labels)}


def _verify_prepared(folder: Path) -> Iterator[tuple[FileRecord, str | None]]:
    try:
        prepared = read_prepared(folder)
    except BundleFormatError as error:
        yield FileRecord(PREPARED, 0, ""), str(error)
    else:
        if prepared:
            yield from hashed(folder, [prepared.graph, prepared.weights], remedy(folder))


def _prepared(opened: bundle.Bundle) -> str:
    """Whether there is something that ``linnet prepare`` made, and whether it fits; only then onnxruntime is asked."""
    if not prepared_files(opened.path):
        return "no"
    from linnet.prepared import NotPreparedError, prepared_graph

    try:
        prepared_graph(opened)
    except NotPreparedError as reason:
        return str(reason)
    return "yes"


def _shown(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    if value is None:
        return "not stated" if name == "licence" else "–"
    return str(value)
