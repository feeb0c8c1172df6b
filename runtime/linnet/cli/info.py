"""The command ``linnet info``."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from ..bundle.opening import Bundle, open_bundle
from ..errors import InputError
from ..packing.cache import packed_folder
from ..packing.listing import prepared_files, prepared_size
from .command import DONE


def run_info(args: argparse.Namespace) -> int:
    """Prints a bundle's details; returns the exit status."""
    facts = describe(open_bundle(args.bundle))
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return DONE
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {_shown(name, value)}")
    return DONE


def describe(opened: Bundle) -> dict[str, object]:
    """Returns the details that ``linnet info`` prints."""
    manifest, settings = opened.manifest, opened.settings
    packed = _packed_folder(opened)
    return {
        "bundle": str(opened.path),
        "task": settings.task,
        "source": manifest.source.id,
        "revision": manifest.source.revision,
        "recipe": manifest.source.recipe,
        **_outcome(opened),
        "preprocessing": settings.preprocessing,
        "max_length": settings.max_length,
        "quantization": settings.quantization,
        "embedding_bits": settings.embedding_bits,
        "vocabulary": f"{opened.config['vocab_size']} pieces"
        + (f" ({settings.vocabulary})" if settings.vocabulary else ""),
        "licence": manifest.licence,
        "accepted_licence": manifest.accepted_licence,
        "prepared": _prepared(opened, packed),
        "prepared_size": f"{size / 1e6:.1f} MB" if packed and (size := prepared_size(packed)) else None,
        "size": f"{opened.size / 1e6:.1f} MB",
        "format_version": manifest.format_version,
    }


def _outcome(opened: Bundle) -> dict[str, object]:
    """Returns the details of the bundle's output: its labels, or its vectors."""
    settings = opened.settings
    if settings.embedding:
        return {"dimension": opened.hidden_size, **asdict(settings.embedding)}
    return {"labels": list(opened.labels)}


def _packed_folder(opened: Bundle) -> Path | None:
    try:
        return packed_folder(opened.manifest)
    except InputError:  # there is no cache
        return None


def _prepared(opened: Bundle, packed: Path | None) -> str:
    """Returns "yes", "no", or why the packed weights are not used; imports onnxruntime only if there are some."""
    if packed is None or not prepared_files(packed):
        return "no"
    from ..packing.fitting import NotPreparedError, prepared_graph

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
