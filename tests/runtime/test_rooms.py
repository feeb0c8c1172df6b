"""The rooms of `linnet`: which may import which. Data moves one way, so there are no circles."""

from pathlib import Path

import linnet
from rooms import circles, crowded, edges, long_files, long_functions

PACKAGE = Path(linnet.__file__).parent
SHARED = {"arrays", "errors", "extras", "fields", "installation", "names", "notes", "system", "tasks", "texts"}
"""The few words that everybody shares; among themselves they import only ``errors`` and ``installation``."""
ALLOWED = {
    "preprocessing": set(),
    "tokenization": {"preprocessing"},
    "inference": set(),
    "postprocessing": {"tokenization"},
    "explaining": {"postprocessing", "tokenization"},
    "bundle": {"postprocessing", "preprocessing"},
    "packing": {"bundle", "inference"},
    "trust": {"bundle"},
    "pipeline": {"bundle", "inference", "packing", "preprocessing", "tokenization"},
    "models": {"bundle", "explaining", "pipeline", "postprocessing", "tokenization", "trust"},
    "analysis": {"bundle", "explaining", "inference", "models", "pipeline", "postprocessing"},
    "api": {"explaining", "models", "postprocessing", "tokenization", "trust"},
    "frames": {"api"},
    "serving": {
        "",
        "api",
        "bundle",
        "explaining",
        "inference",
        "models",
        "postprocessing",
        "tokenization",
    },
    "engines": {"api", "bundle", "models", "postprocessing", "trust"},
    "spark": {"api", "bundle", "engines", "postprocessing", "trust"},
    "integrations": {"analysis", "api", "bundle"},
    "": {"analysis", "api", "engines", "frames", "spark"},
    "cli": {
        "",
        "analysis",
        "bundle",
        "explaining",
        "inference",
        "models",
        "packing",
        "postprocessing",
        "serving",
        "tokenization",
        "trust",
    },
    "__main__": {"cli"},
    "freezing": set(),
}


def test_rooms_import_only_what_they_may() -> None:
    found = edges(PACKAGE)
    assert set(found) == {*ALLOWED, *SHARED}
    assert {room: targets - SHARED - ALLOWED[room] for room, targets in found.items() if room not in SHARED} == {
        room: set() for room in ALLOWED
    }
    assert all(found[room] <= {"errors", "installation"} for room in SHARED)


def test_there_are_no_circles() -> None:
    assert circles({room: targets - {""} for room, targets in edges(PACKAGE).items() if room}) == []


def test_files_functions_and_folders_stay_small() -> None:
    assert (long_files(PACKAGE), long_functions(PACKAGE), crowded(PACKAGE)) == ([], [], [])


def test_imports_are_relative_so_that_the_package_can_be_vendored() -> None:
    for file in PACKAGE.rglob("*.py"):
        lines = file.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line.lstrip().startswith(("from linnet", "import linnet"))] == [], file
