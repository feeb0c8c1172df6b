"""The command ``linnet info``."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...bundle.calibration import calibration_as_json
from ...bundle.deriving import steps_of
from ...bundle.opening import Bundle, open_bundle
from ...errors import InputError
from ...installation import PROGRAM
from ...names import INTERNALS
from ...packing.cache import packed_folder
from ...packing.listing import prepared_files, prepared_size
from ..command import DONE
from ..formats.aligned import one_line

Facts = dict[str, Any]
"""A bundle's details by name, in the order in which they are shown."""


def run_info(args: argparse.Namespace) -> int:
    """Prints a bundle's details; returns the exit status."""
    opened = open_bundle(args.bundle)
    if args.digest:
        print(opened.digest)
        return DONE
    facts = describe(opened)
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return DONE
    shown = readable(facts)
    width = max(map(len, shown))
    for name, value in shown.items():
        print(f"{name:<{width}}  {one_line(value)}")
    return DONE


def describe(opened: Bundle) -> Facts:
    """Returns a bundle's details, as ``--json`` prints them: sizes in bytes, and None where nothing is stated."""
    manifest, settings = opened.manifest, opened.settings
    packed = _packed_folder(opened)
    prepared, note = _prepared(opened, packed)
    return {
        "bundle": str(opened.path),
        "digest": opened.digest,
        "task": settings.task,
        "source": manifest.source.id,
        "revision": manifest.source.revision,
        "recipe": manifest.source.recipe,
        "parent": manifest.parent,
        "derived": steps_of(opened),
        "signed": opened.folder.signature() is not None,
        **_outcome(opened),
        "preprocessing": settings.preprocessing,
        "max_length": settings.max_length,
        "quantization": settings.quantization,
        "embedding_bits": settings.embedding_bits,
        "internals": manifest.find(INTERNALS) is not None,
        "vocab_size": opened.config["vocab_size"],
        "vocabulary": settings.vocabulary,
        "licence": manifest.licence,
        "accepted_licence": manifest.accepted_licence,
        "prepared": prepared,
        "prepared_note": note,
        "prepared_size": prepared_size(packed) if packed else 0,
        "size": opened.size,
        "format_version": manifest.format_version,
    }


def readable(facts: Facts) -> dict[str, str]:
    """Returns a bundle's details for people: the same, with units and words, and notes in place of what they explain."""
    derived = "; ".join(f"by {each['command']} from {each['parent']}" for each in facts["derived"]) or "no"
    shown = {name: _shown(value) for name, value in {**facts, "derived": derived}.items()}
    shown["vocabulary"] = facts["vocabulary"] or "whole"
    shown["licence"] = facts["licence"] or "not stated"
    if facts["signed"]:
        shown["signed"] = f"yes, not checked here: {PROGRAM} verify --key PUBLIC"
    note = shown.pop("prepared_note")
    shown["prepared"] = note if facts["prepared_note"] else shown["prepared"]
    for name in ("size", "prepared_size"):
        shown[name] = f"{facts[name] / 1e6:.1f} MB" if facts[name] else _shown(None)
    return shown


def _outcome(opened: Bundle) -> Facts:
    """Returns the details of the bundle's output: its labels, or its vectors."""
    settings = opened.settings
    if settings.embedding:
        return {"dimension": opened.hidden_size, **asdict(settings.embedding)}
    return {
        "labels": list(opened.labels),
        "calibration": settings.calibration and calibration_as_json(settings.calibration),
    }


def _packed_folder(opened: Bundle) -> Path | None:
    try:
        return packed_folder(opened.manifest)
    except InputError:  # there is no cache
        return None


def _prepared(opened: Bundle, packed: Path | None) -> tuple[bool, str | None]:
    """Returns whether packed weights are used, and why not if there are some; only then imports onnxruntime."""
    if packed is None or not prepared_files(packed):
        return False, None
    from ...packing.fitting import NotPreparedError, prepared_graph

    try:
        prepared_graph(opened)
    except NotPreparedError as reason:
        return False, str(reason)
    return True, None


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)
