"""Packs a bundle's weights for this machine's processor into files beside the bundle's graph.

Onnxruntime packs weights when it loads a graph, into memory of the process. Written to a file, they are mapped as they are:
all processes and sessions share one copy. The files are named after what they are for, so that a process never meets
others than those that it was made for, and goes without where they are gone.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from linnet import session
from linnet.bundle import Bundle
from linnet.errors import BundleFormatError, BundleIntegrityError, InputError
from linnet.layout import GRAPH, PREPARED, WEIGHTS
from linnet.manifest import FileRecord, hashed
from linnet.packed_graph import lay_out
from linnet.prepared import facts_of
from linnet.prepared_files import STAGING, prepared_files
from linnet.staging import in_turn, staging


def prepare(bundle: Bundle) -> None:
    """Writes what is prepared for this machine beside the bundle's graph. What is there is replaced.

    Raises:
        BundleIntegrityError: the weights or the graph were altered.
        BundleFormatError: this version of onnxruntime cannot load the graph, or packs no weights that it could write.
        InputError: the bundle's folder cannot be written to, or has too little room.
    """
    _check_intact(bundle)
    folder = bundle.graph.parent
    try:
        with staging(folder, STAGING) as staged:
            made = _write(bundle, staged)
            with in_turn(folder):
                _publish(made, bundle)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror or error}): {_room(bundle)}") from error


def _publish(made: list[Path], bundle: Bundle) -> None:
    """Moves the files beside the graph, in their order, and removes those of before."""
    folder = bundle.graph.parent
    for file in made:
        file.chmod(bundle.graph.stat().st_mode)
        file.replace(folder / file.name)
    kept = {file.name for file in made}
    for old in prepared_files(bundle.path):
        if old.name not in kept:
            old.unlink(missing_ok=True)


def _check_intact(bundle: Bundle) -> None:
    """What is packed of altered weights would outlive their being mended."""
    for _, fault in hashed(bundle.path, [record for record in bundle.files if record.path in (GRAPH, WEIGHTS)]):
        if fault:
            raise BundleIntegrityError(fault)


def _room(bundle: Bundle) -> str:
    size = (bundle.path / WEIGHTS).stat().st_size
    return (
        f"see that there is room, for a while up to four times the {size / 1e6:.0f} MB of its weights, "
        "or copy the bundle to where it can"
    )


def _write(bundle: Bundle, staged: Path) -> list[Path]:
    """The files, in the order in which they are to appear: the last one makes the others count."""
    facts = facts_of(bundle)
    name = "prepared-" + hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    written, graph = staged / "written.onnx", staged / f"{name}.onnx"
    _write_optimized(bundle, written)
    if not lay_out(written, bundle.graph, graph):
        raise BundleFormatError(
            f"onnxruntime {session.VERSION} packs no weights of {bundle.graph} in a way that it can write: "
            "the bundle runs as it is, or try pip install --upgrade onnxruntime"
        )
    weights, listed = graph.with_suffix(".onnx_data"), staged / Path(PREPARED).name
    records = [FileRecord.of(staged, file.name) for file in (graph, weights)]
    files = [{**asdict(record), "path": f"{Path(PREPARED).parent}/{record.path}"} for record in records]
    listed.write_text(json.dumps({"facts": facts, "files": files}, indent=2) + "\n", encoding="utf-8")
    return [weights, graph, listed]


def _write_optimized(bundle: Bundle, written: Path) -> None:
    try:
        session.write_optimized(bundle.graph, written, "written.onnx_data")
    except BundleFormatError as error:
        session.inference_session(bundle.graph, 1)  # which fails alike, unless it was the writing
        folder = bundle.graph.parent
        reason = error.__cause__ or error
        raise InputError(f"{folder}: onnxruntime could not write packed weights ({reason}): {_room(bundle)}") from error
