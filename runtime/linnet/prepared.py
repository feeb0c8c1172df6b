"""A bundle's graph with its weights packed for this machine's processor, kept beside the bundle where that is asked for.

Onnxruntime packs weights when it loads a graph, into memory of the process. Written to a file, they are mapped as they are:
all processes and sessions share one copy. The files are named after what they are for, so that a process never meets
others than those that it was made for, and goes without where they are gone.
"""

import hashlib
import json
import platform
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from linnet import session
from linnet.bundle import Bundle
from linnet.errors import BundleFormatError, BundleIntegrityError, InputError
from linnet.layout import GRAPH, PREPARED, WEIGHTS
from linnet.manifest import FileRecord, check_at_load
from linnet.packed_graph import LAYOUT, lay_out
from linnet.prepared_files import prepared_files, read_prepared


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


def session_of(bundle: Bundle, *, threads: int) -> session.Session:
    """A session of the prepared graph if there is one that fits this machine, else of the bundle's.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph, or what is prepared makes no sense.
        BundleIntegrityError: what is prepared was altered.
    """
    found = read_prepared(bundle.path)
    if found is None or found.facts != _facts(bundle) or not (bundle.path / found.graph.path).is_file():
        return session.Session(bundle.graph, threads=threads)
    try:
        for record in (found.graph, found.weights):
            check_at_load(bundle.path, record)
    except BundleIntegrityError as error:
        raise BundleIntegrityError(f"{error}; or make it again: linnet prepare {bundle.path}") from None
    return session.Session(bundle.graph, threads=threads, prepared=bundle.path / found.graph.path)


def fits(bundle: Bundle) -> bool:
    """Whether there is something prepared, for this machine.

    Raises:
        BundleFormatError: what is prepared makes no sense.
    """
    found = read_prepared(bundle.path)
    return found is not None and found.facts == _facts(bundle)


def _write(bundle: Bundle, staging: Path) -> list[Path]:
    """The files, in the order in which they are to appear."""
    facts = _facts(bundle)
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


def _facts(bundle: Bundle) -> dict[str, Any]:
    """All that packed weights depend on."""
    return {
        "layout": LAYOUT,
        "onnxruntime": session.VERSION,
        "processor": _processor(),
        "saturates": session.saturates(),
        "bundle": {record.path: record.sha256 for record in bundle.files if record.path in (GRAPH, WEIGHTS)},
    }


def _processor() -> str:
    """What kind it is, as far as the system says: kernels, and with them how weights are packed, follow its features."""
    kind = f"{platform.system()} {platform.machine()}"
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("flags", "Features"):
                return f"{kind}: {' '.join(sorted(value.split()))}"
    return f"{kind}: {platform.processor()}"
