"""Chooses a bundle's graph: the one that `linnet.packing.packing` made for this machine, or the plain one."""

import hashlib
import json
import os
import platform
import shlex
import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from ..bundle.config import vocab_size
from ..bundle.integrity import sha256_of
from ..bundle.manifest import FileRecord
from ..bundle.opening import Bundle
from ..bundle.remembering import sha256_of_file
from ..errors import BundleFormatError, InputError
from ..inference import session
from ..inference.graph import Graph
from ..inference.graph_checks import check_tables
from ..inference.internals import InternalsSession
from ..inference.permitted import check_permitted
from ..installation import PROGRAM
from ..names import GRAPH, INTERNALS, WEIGHTS
from .cache import is_trusted, packed_folder
from .listing import LAYOUT, LIST, Prepared, prepared_files, read_prepared


class NotPreparedError(Exception):
    """No prepared graph can be used; the message says why."""


class NotTrustedError(NotPreparedError):
    """The prepared graph is somebody else's."""


def session_of(bundle: Bundle, *, threads: int, model: bytes | None = None) -> session.Session:
    """Returns a session of the graph prepared for this machine, or of the bundle's graph if there is none.

    ``model`` is the content of an ONNX graph over the same weights, to run instead of both. Where the caller demands
    that everything is hashed, a warning says that somebody else's prepared graph is not used.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph.
    """
    packed = None
    if model is None:
        try:
            packed = prepared_graph(bundle)
        except NotTrustedError as reason:
            if bundle.demands.strict:
                warnings.warn(f"{bundle.path}: packed weights are {reason}", RuntimeWarning, stacklevel=2)
        except NotPreparedError:
            pass
    graph = graph_of(bundle, model)
    _check_tables(bundle, graph)
    return session.Session(graph, threads=threads, packed=packed)


def internals_session_of(bundle: Bundle, *, threads: int) -> InternalsSession:
    """Returns a session of the graph of a bundle's hidden states and attentions; its first run reads the graph.

    That run raises an `InputError` if the bundle has no such graph.
    """

    def read() -> Graph:
        graph = _with_weights(bundle, bundle.internals_model, INTERNALS)
        _check_tables(bundle, graph)
        return graph

    return InternalsSession(read, threads=threads)


def graph_of(bundle: Bundle, model: bytes | None = None) -> Graph:
    """Returns a bundle's verified graph, or ``model`` over the same weights.

    Raises:
        BundleFormatError: the graph is made of more than `linnet.inference.permitted` allows.
    """
    return _with_weights(bundle, bundle.model if model is None else model, GRAPH)


def _with_weights(bundle: Bundle, model: bytes, name: str) -> Graph:
    check_permitted(bundle.path / name, model)
    return Graph(bundle.path / name, model, {Path(WEIGHTS).name: bundle.weights})


def _check_tables(bundle: Bundle, graph: Graph) -> None:
    check_tables(graph, words=vocab_size(bundle.config), positions=bundle.config["max_position_embeddings"])


def prepared_graph(bundle: Bundle) -> Path:
    """Returns the path of the graph that is prepared for this machine.

    `prepare` made it from verified bytes, and its folder's name depends on these. With any demands on the bundle, only
    this user's own is returned, and its packed weights are hashed too.

    Raises:
        NotPreparedError: it is missing, damaged, another user's or for another machine; the bundle runs without it.
    """
    try:
        folder = packed_folder(bundle.manifest)
        if not prepared_files(folder):
            raise NotPreparedError("no")
        found = read_prepared(folder, bundle.path)
        if found is None:
            raise NotPreparedError(f"incomplete and not used: {PROGRAM} prepare {_quoted(bundle)} makes it again")
        graph, weights = (folder / name for name in (found.graph.path, found.weights.path))
        if not all(is_trusted(path, own=bundle.demands.strict) for path in (folder, folder / LIST, graph, weights)):
            raise NotTrustedError(
                "not used, because another user made it or can write to it: "
                f"{PROGRAM} prepare --remove {_quoted(bundle)}"
            )
        _check_fit(found, bundle)
        if sha256_of(graph) != found.graph.sha256 or not _is_whole(weights, found.weights, bundle):
            raise _damaged(bundle)
        return graph.resolve()
    except InputError:  # there is no cache
        raise NotPreparedError("no") from None
    except (BundleFormatError, OSError):
        raise _damaged(bundle) from None


def _is_whole(weights: Path, listed: FileRecord, bundle: Bundle) -> bool:
    """Returns whether packed weights have the listed size, and with demands on the bundle the listed content too."""
    with weights.open("rb") as stream:
        if os.fstat(stream.fileno()).st_size != listed.size:
            return False
        if not bundle.demands.strict:
            return True
        return sha256_of_file(stream, partial(sha256_of, weights), once=bundle.demands.once) == listed.sha256


def _damaged(bundle: Bundle) -> NotPreparedError:
    return NotPreparedError(f"damaged and not used: {PROGRAM} verify {_quoted(bundle)} shows what is wrong")


def _quoted(bundle: Bundle) -> str:
    """Returns the bundle's folder as an argument, because a command without one works on the embedded default."""
    return shlex.quote(str(bundle.path))


def _check_fit(found: Prepared, bundle: Bundle) -> None:
    facts = facts_of(bundle)
    if found.facts != facts or found.graph.path != graph_name(facts):
        raise NotPreparedError(
            f"for another machine or onnxruntime, and not used: {PROGRAM} prepare {_quoted(bundle)} makes it again"
        )


def graph_name(facts: dict[str, Any]) -> str:
    """Returns the file name of a graph that was prepared for ``facts``: processes with other facts never open it."""
    return f"prepared-{hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]}.onnx"


def facts_of(bundle: Bundle) -> dict[str, Any]:
    """Returns all facts that packed weights depend on."""
    return {
        "layout": LAYOUT,
        "onnxruntime": session.VERSION,
        "processor": _processor(),
        "bundle": {name: bundle.manifest[name].sha256 for name in (GRAPH, WEIGHTS)},
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
