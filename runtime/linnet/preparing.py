"""Packs a bundle's weights for this machine's processor into files beside the bundle's graph.

Onnxruntime packs weights when it loads a graph, into memory of the process. Written to a file, they are mapped as they are:
all processes and sessions share one copy. The files are named after what they are for, so that a process never meets
others than those that it was made for, and goes without where they are gone.
"""

import hashlib
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from linnet import session
from linnet.bundle import Bundle
from linnet.errors import BundleFormatError, InputError
from linnet.layout import PREPARED
from linnet.manifest import FileRecord
from linnet.packed_graph import lay_out
from linnet.prepared import facts_of
from linnet.prepared_files import prepared_files


def prepare(bundle: Bundle) -> None:
    """Writes what is prepared for this machine beside the bundle's graph. What is there is replaced.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph, or cannot write packed weights.
        InputError: the bundle's folder cannot be written to.
    """
    folder = bundle.graph.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".prepared.partial-", dir=folder) as name:
            staging = Path(name)
            made = _write(bundle, staging)
            for file in made:  # the last one makes the others count
                file.chmod(bundle.graph.stat().st_mode)
                file.replace(folder / file.name)
        kept = {file.name for file in made}
        for old in prepared_files(bundle.path):
            if old.name not in kept:
                old.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written to ({error.strerror or error}): see that there is room, or copy the bundle to "
            "where it can"
        ) from error


def _write(bundle: Bundle, staging: Path) -> list[Path]:
    """The files, in the order in which they are to appear."""
    facts = facts_of(bundle)
    name = "prepared-" + hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    written, graph = staging / "written.onnx", staging / f"{name}.onnx"
    session.write_optimized(bundle.graph, written, "written.onnx_data")
    if not lay_out(written, bundle.graph, graph):
        raise BundleFormatError(
            f"onnxruntime {session.VERSION} packs no weights of {bundle.graph} in a way that it can write: "
            "the bundle runs as it is, or try pip install --upgrade onnxruntime"
        )
    weights, listed = graph.with_suffix(".onnx_data"), staging / Path(PREPARED).name
    records = [FileRecord.of(staging, file.name) for file in (graph, weights)]
    files = [{**asdict(record), "path": f"{Path(PREPARED).parent}/{record.path}"} for record in records]
    listed.write_text(json.dumps({"facts": facts, "files": files}, indent=2) + "\n", encoding="utf-8")
    return [weights, graph, listed]
