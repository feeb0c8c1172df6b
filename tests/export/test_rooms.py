"""The rooms of `linnet_export`: which may import which. Data moves one way, so there are no circles."""

from pathlib import Path

import linnet_export
from rooms import circles, crowded, edges, long_files, long_functions

PACKAGE = Path(linnet_export.__file__).parent
SHARED = {"", "builtin_texts", "errors", "options", "progress", "quiet", "schemes", "scripts"}
"""The few words that everybody shares."""
ALLOWED = {
    "architectures": set(),
    "onnx_graph": set(),
    "lean": {"onnx_graph"},
    "int8": {"lean", "onnx_graph"},
    "source": set(),
    "tokenizer": set(),
    "checkpoint": {"architectures", "source", "tokenizer"},
    "parity": {"checkpoint", "int8", "onnx_graph", "source", "tokenizer"},
    "bundle": {"checkpoint", "parity", "source", "tokenizer"},
    "graphs": {"checkpoint", "int8", "lean", "onnx_graph", "parity", "tokenizer"},
    "plan": {"bundle", "checkpoint", "int8", "parity", "tokenizer"},
    "convert": {"bundle", "checkpoint", "graphs", "parity", "plan", "source"},
    "shipping": set(),
    "signing": set(),
    "cli": {"convert", "parity", "shipping", "signing", "source"},
    "__main__": {"cli"},
}


def test_rooms_import_only_what_they_may() -> None:
    found = edges(PACKAGE)
    assert set(found) == {*ALLOWED, *SHARED}
    assert {room: targets - SHARED - ALLOWED[room] for room, targets in found.items() if room not in SHARED} == {
        room: set() for room in ALLOWED
    }
    assert all(found[room] <= SHARED for room in SHARED)


def test_there_are_no_circles() -> None:
    assert circles(edges(PACKAGE)) == []


def test_files_functions_and_folders_stay_small() -> None:
    assert (long_files(PACKAGE), long_functions(PACKAGE), crowded(PACKAGE)) == ([], [], [])
