"""Packs a bundle's weights for this machine's processor into files in the user's cache.

When onnxruntime loads a graph, it packs the weights into the memory of the process. Packed weights in a file are
mapped instead, so that all processes and sessions share one copy. The file names contain a hash of the facts that the
files are for, so a process never opens files for other facts. It runs without them if they are gone.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

from ..bundle.integrity import record
from ..bundle.opening import Bundle
from ..errors import BundleFormatError, InputError
from ..inference import session
from ..names import WEIGHTS
from ..system.staging import clear_abandoned, in_turn, staging
from .aligning import lay_out
from .cache import is_trusted, packed_folder
from .fitting import facts_of, graph_name, graph_of
from .listing import LIST, STAGING, prepared_files

_FOLDER_MODE, _FILE_MODE = 0o755, 0o644  # others may read, and only the user writes


def prepare(bundle: Bundle, cache: Path | None = None) -> Path:
    """Writes files prepared for this machine into the cache, replaces earlier ones, and returns their folder.

    Raises:
        BundleIntegrityError: the weights were altered.
        BundleFormatError: this version of onnxruntime cannot load the graph, or cannot write packed weights of it.
        InputError: the cache cannot be written to, is another user's, or the disk has too little space.
    """
    bundle.check_weights()  # packed copies of altered weights would stay in use after a repair
    folder = packed_folder(bundle.manifest, cache)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not is_trusted(folder) and folder.stat().st_uid != os.geteuid():
            raise InputError(f"{folder} is another user's: name another folder with --cache")
        folder.chmod(_FOLDER_MODE)
        with staging(folder, STAGING) as staged:
            made = _write(bundle, staged)
            bundle.check_weights()  # what was packed is what was verified, also if a program wrote to them meanwhile
            with in_turn(folder):
                _publish(made, folder)
    except OSError as error:
        raise InputError(f"cannot write to {folder} ({error.strerror or error}): {_room(bundle)}") from error
    return folder


def remove(bundle: Bundle, cache: Path | None = None) -> bool:
    """Removes packed weights, and files that killed processes left; returns whether there were any.

    Raises:
        InputError: the cache cannot be written to.
    """
    folder = packed_folder(bundle.manifest, cache)
    # The list first: without it, the other files are ignored.
    found = sorted(prepared_files(folder), key=lambda file: file.suffix != ".json")
    try:
        for file in found:
            file.unlink(missing_ok=True)
        gone = clear_abandoned(folder, STAGING)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise InputError(f"{folder}: cannot write to this folder ({error.strerror or error})") from error
    return gone or bool(found)


def _publish(made: list[Path], folder: Path) -> None:
    """Moves the files into the folder, in order, and removes earlier ones."""
    for file in made:
        file.chmod(_FILE_MODE)
        file.replace(folder / file.name)
    kept = {file.name for file in made}
    for old in prepared_files(folder):
        if old.name not in kept:
            old.unlink(missing_ok=True)


def _room(bundle: Bundle) -> str:
    return (
        f"make room, temporarily up to four times the {bundle.manifest[WEIGHTS].size / 1e6:.0f} MB of its weights, "
        "or name another folder with --cache"
    )


def _write(bundle: Bundle, staged: Path) -> list[Path]:
    """Writes the files; returns them in the order of publishing: the list, last, puts the others in use."""
    facts = facts_of(bundle)
    written, graph = staged / "written.onnx", staged / graph_name(facts)
    _write_packed(bundle, written)
    if not lay_out(written, graph_of(bundle), graph):
        raise BundleFormatError(
            f"onnxruntime {session.VERSION} cannot write packed weights of {bundle.graph}: "
            "use the bundle as it is, or try pip install --upgrade onnxruntime"
        )
    weights, listed = graph.with_suffix(".onnx_data"), staged / LIST
    files = [asdict(record(staged, file.name)) for file in (graph, weights)]
    listed.write_text(json.dumps({"facts": facts, "files": files}, indent=2) + "\n", encoding="utf-8")
    return [weights, graph, listed]


def _write_packed(bundle: Bundle, written: Path) -> None:
    try:
        session.write_packed(graph_of(bundle), written, "written.onnx_data")
    except BundleFormatError as error:
        session.inference_session(graph_of(bundle), 1)  # raises the same error if loading failed; else writing failed
        reason = error.__cause__ or error
        raise InputError(
            f"{written.parent.parent}: onnxruntime could not write packed weights ({reason}): {_room(bundle)}"
        ) from error
