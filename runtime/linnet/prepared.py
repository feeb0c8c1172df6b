"""A bundle's session, of the graph that `linnet.preparing` made for this machine if there is one."""

import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

from linnet import session
from linnet.bundle import Bundle
from linnet.errors import BundleFormatError, BundleIntegrityError
from linnet.layout import GRAPH, WEIGHTS
from linnet.manifest import check_at_load
from linnet.prepared_files import LAYOUT, read_prepared


class NotPreparedError(Exception):
    """There is nothing prepared that could be used; says why."""


def session_of(bundle: Bundle, *, threads: int) -> session.Session:
    """A session of the prepared graph if there is one that fits this machine, else of the bundle's.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph.
    """
    try:
        prepared = prepared_graph(bundle)
    except NotPreparedError:
        prepared = None
    return session.Session(bundle.graph, threads=threads, prepared=prepared)


def prepared_graph(bundle: Bundle) -> Path:
    """The graph that is prepared for this machine.

    Raises:
        NotPreparedError: there is none, or none that fits, or it is not as it was made: no reason not to run the bundle.
    """
    try:
        found = read_prepared(bundle.path)
        if found is None:
            raise NotPreparedError("begun and not ended, and not used: linnet prepare makes it again")
        if found.facts != facts_of(bundle):
            raise NotPreparedError("for another machine or onnxruntime: it is not used")
        for record in (found.graph, found.weights):
            check_at_load(bundle.path, record)
    except (BundleFormatError, BundleIntegrityError, OSError):
        raise NotPreparedError("not as it was made, and not used: linnet verify says what is wrong") from None
    return bundle.path / found.graph.path


def facts_of(bundle: Bundle) -> dict[str, Any]:
    """All that packed weights depend on."""
    return {
        "layout": LAYOUT,
        "onnxruntime": session.VERSION,
        "processor": _processor(),
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
