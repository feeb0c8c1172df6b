"""Packs a bundle's weights for this machine's processor into files beside the bundle's graph.

When onnxruntime loads a graph, it packs the weights into the memory of the process. Packed weights in a file are
mapped instead, so that all processes and sessions share one copy. The file names contain a hash of the facts that the
files are for, so a process never opens files for other facts. It runs without them if they are gone.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from ..bundle import integrity
from ..bundle.opening import Bundle
from ..errors import BundleFormatError, BundleIntegrityError, InputError
from ..inference import session
from ..names import GRAPH, PREPARED, WEIGHTS
from ..staging import in_turn, staging
from .aligning import lay_out
from .fitting import facts_of
from .listing import STAGING, prepared_files


def prepare(bundle: Bundle) -> None:
    """Writes files prepared for this machine beside the bundle's graph; replaces earlier ones.

    Raises:
        BundleIntegrityError: the weights or the graph were altered.
        BundleFormatError: this version of onnxruntime cannot load the graph, or cannot write packed weights of it.
        InputError: the bundle's folder cannot be written to, or the disk has too little space.
    """
    _check_intact(bundle)
    folder = bundle.graph.parent
    try:
        with staging(folder, STAGING) as staged:
            made = _write(bundle, staged)
            with in_turn(folder):
                _publish(made, bundle)
    except OSError as error:
        raise InputError(f"cannot write to {folder} ({error.strerror or error}): {_room(bundle)}") from error


def _publish(made: list[Path], bundle: Bundle) -> None:
    """Moves the files beside the graph, in order, and removes earlier ones."""
    folder = bundle.graph.parent
    for file in made:
        file.chmod(bundle.graph.stat().st_mode)
        file.replace(folder / file.name)
    kept = {file.name for file in made}
    for old in prepared_files(bundle.path):
        if old.name not in kept:
            old.unlink(missing_ok=True)


def _check_intact(bundle: Bundle) -> None:
    """Checks the graph and the weights: packed copies of altered weights would stay in use after a repair."""
    for _, fault in integrity.hashed(
        bundle.path, [file for file in bundle.manifest.files if file.path in (GRAPH, WEIGHTS)]
    ):
        if fault:
            raise BundleIntegrityError(fault)


def _room(bundle: Bundle) -> str:
    size = (bundle.path / WEIGHTS).stat().st_size
    return (
        f"make room, temporarily up to four times the {size / 1e6:.0f} MB of its weights, "
        "or copy the bundle to a folder that can be written to"
    )


def _write(bundle: Bundle, staged: Path) -> list[Path]:
    """Writes the files; returns them in the order of publishing: the list, last, puts the others in use."""
    facts = facts_of(bundle)
    name = "prepared-" + hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    written, graph = staged / "written.onnx", staged / f"{name}.onnx"
    _write_optimized(bundle, written)
    if not lay_out(written, bundle.graph, graph):
        raise BundleFormatError(
            f"onnxruntime {session.VERSION} cannot write packed weights of {bundle.graph}: "
            "use the bundle as it is, or try pip install --upgrade onnxruntime"
        )
    weights, listed = graph.with_suffix(".onnx_data"), staged / Path(PREPARED).name
    records = [integrity.record(staged, file.name) for file in (graph, weights)]
    files = [{**asdict(record), "path": f"{Path(PREPARED).parent}/{record.path}"} for record in records]
    listed.write_text(json.dumps({"facts": facts, "files": files}, indent=2) + "\n", encoding="utf-8")
    return [weights, graph, listed]


def _write_optimized(bundle: Bundle, written: Path) -> None:
    try:
        session.write_optimized(bundle.graph, written, "written.onnx_data")
    except BundleFormatError as error:
        session.inference_session(bundle.graph, 1)  # raises the same error if loading failed; else writing failed
        folder = bundle.graph.parent
        reason = error.__cause__ or error
        raise InputError(f"{folder}: onnxruntime could not write packed weights ({reason}): {_room(bundle)}") from error
