"""A bundle's session, of the graph that `linnet.preparing` made for this machine if there is one."""

import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

from linnet import session
from linnet.bundle import Bundle
from linnet.errors import BundleIntegrityError
from linnet.layout import GRAPH, WEIGHTS
from linnet.manifest import check_at_load
from linnet.prepared_files import LAYOUT, read_prepared


def session_of(bundle: Bundle, *, threads: int) -> session.Session:
    """A session of the prepared graph if there is one that fits this machine, else of the bundle's.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph, or what is prepared makes no sense.
        BundleIntegrityError: what is prepared was altered.
    """
    found = read_prepared(bundle.path)
    if found is None or found.facts != facts_of(bundle) or not (bundle.path / found.graph.path).is_file():
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
    return found is not None and found.facts == facts_of(bundle)


def facts_of(bundle: Bundle) -> dict[str, Any]:
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
