"""Chooses a bundle's graph: the one that `linnet.packing.packing` made for this machine, or the plain one."""

import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..bundle.integrity import check_at_load
from ..bundle.opening import Bundle
from ..errors import BundleFormatError, BundleIntegrityError
from ..inference import session
from ..names import GRAPH, WEIGHTS
from .listing import LAYOUT, read_prepared


class NotPreparedError(Exception):
    """No prepared graph can be used; the message says why."""


def session_of(bundle: Bundle, *, threads: int) -> session.Session:
    """Returns a session of the graph prepared for this machine, or of the bundle's graph if there is none.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph.
    """
    try:
        prepared = prepared_graph(bundle)
    except NotPreparedError:
        prepared = None
    return session.Session(bundle.graph, threads=threads, prepared=prepared)


def prepared_graph(bundle: Bundle) -> Path:
    """Returns the path of the graph that is prepared for this machine.

    Raises:
        NotPreparedError: it is missing, damaged or for another machine; the bundle runs without it.
    """
    try:
        found = read_prepared(bundle.path)
        if found is None:
            raise NotPreparedError("incomplete and not used: linnet prepare makes it again")
        if found.facts != facts_of(bundle):
            raise NotPreparedError("for another machine or onnxruntime, and not used: linnet prepare makes it again")
        for record in (found.graph, found.weights):
            check_at_load(bundle.path, record)
    except (BundleFormatError, BundleIntegrityError, OSError):
        raise NotPreparedError("damaged and not used: linnet verify shows what is wrong") from None
    return bundle.path / found.graph.path


def facts_of(bundle: Bundle) -> dict[str, Any]:
    """Returns all facts that packed weights depend on."""
    return {
        "layout": LAYOUT,
        "onnxruntime": session.VERSION,
        "processor": _processor(),
        "bundle": {record.path: record.sha256 for record in bundle.manifest.files if record.path in (GRAPH, WEIGHTS)},
    }


def _processor() -> str:
    """Describes the processor: its features choose the kernels, and these the layout of packed weights."""
    kind = f"{platform.system()} {platform.machine()}"
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("flags", "Features"):
                return f"{kind}: {' '.join(sorted(value.split()))}"
    return f"{kind}: {platform.processor()}"
