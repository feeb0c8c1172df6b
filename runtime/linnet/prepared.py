"""A bundle's graph with its weights packed for this machine's processor, kept beside the bundle where that is asked for.

Onnxruntime packs weights when it loads a graph, into memory of the process. Written to a file, they are mapped as they are:
loading takes less time, and all processes and sessions share one copy.
"""

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
from linnet.fields import field, parse_object
from linnet.layout import GRAPH, PREPARED, WEIGHTS
from linnet.manifest import FileRecord, check_at_load
from linnet.packed_graph import lay_out

_WEIGHTS, _GRAPH, _FACTS = PREPARED


def prepare(bundle: Bundle) -> Path:
    """Writes what is prepared for this machine beside the bundle's graph; gives its folder. What is there is replaced.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph, or cannot write packed weights.
        InputError: the bundle's folder cannot be written to.
    """
    folder = bundle.graph.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".prepared.partial-", dir=folder) as name:
            staging = Path(name)
            _write(bundle, staging)
            remove(bundle)
            for file in PREPARED:  # the last one makes it count
                (staging / Path(file).name).rename(bundle.path / file)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written to ({error.strerror or error}): copy the bundle to where it can"
        ) from error
    return folder


def remove(bundle: Bundle) -> bool:
    """Takes away what is prepared; says whether there was anything.

    Raises:
        InputError: the bundle's folder cannot be written to.
    """
    found = [bundle.path / file for file in reversed(PREPARED) if (bundle.path / file).exists()]
    try:
        for file in found:
            file.unlink()
    except OSError as error:
        raise InputError(f"{bundle.path}: cannot be written to ({error.strerror or error})") from error
    return bool(found)


def session_of(bundle: Bundle, *, threads: int) -> session.Session:
    """A session of the prepared graph if there is one that fits this machine, else of the bundle's.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph.
        BundleIntegrityError: what is prepared was altered.
    """
    found = _read(bundle)
    if found is None or not _fits(found, bundle):
        return session.Session(bundle.graph, threads=threads)
    try:
        for entry in field(found, _FACTS, "files", list):
            check_at_load(bundle.path, FileRecord(**entry))
    except BundleIntegrityError as error:
        raise BundleIntegrityError(f"{error}; or make it again: linnet prepare {bundle.path}") from None
    return session.Session(bundle.path / _GRAPH, threads=threads, optimized=True)


def fits(bundle: Bundle) -> bool:
    """Whether there is something prepared, for this machine."""
    found = _read(bundle)
    return found is not None and _fits(found, bundle)


def _write(bundle: Bundle, staging: Path) -> None:
    written, graph = staging / "written.onnx", staging / Path(_GRAPH).name
    session.write_optimized(bundle.graph, written, "written.onnx_data")
    if not lay_out(written, bundle.graph, graph):
        raise BundleFormatError(
            f"onnxruntime {session.VERSION} packs no weights of {bundle.graph} in a way that it can write: "
            "the bundle runs as it is, or try pip install --upgrade onnxruntime"
        )
    records = [asdict(FileRecord.of(staging, Path(file).name)) | {"path": file} for file in PREPARED if file != _FACTS]
    facts = {**_facts(bundle), "files": records}
    (staging / Path(_FACTS).name).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _read(bundle: Bundle) -> dict[str, Any] | None:
    with suppress(FileNotFoundError):
        return parse_object(_FACTS, (bundle.path / _FACTS).read_bytes())
    return None


def _fits(found: dict[str, Any], bundle: Bundle) -> bool:
    facts = _facts(bundle)
    return {key: found.get(key) for key in facts} == facts


def _facts(bundle: Bundle) -> dict[str, Any]:
    """All that packed weights depend on."""
    return {
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
