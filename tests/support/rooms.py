"""Which room of a package imports which: read from the source, for the tests that hold the allowed edges."""

import ast
from collections.abc import Iterator
from pathlib import Path

Edges = dict[str, set[str]]
"""By room, the rooms that it imports. A module at the top of the package is a room of its own."""

MOST_MODULES, MOST_LINES, MOST_FUNCTION_LINES = 15, 250, 40


def modules(package: Path) -> dict[str, Path]:
    """The files of a package by their dotted names below it; the package itself is ``""``."""
    found = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def edges(package: Path) -> Edges:
    """The rooms, and what each imports of the same package."""
    known = modules(package)
    found: Edges = {}
    for name, file in known.items():
        room = _room(name)
        targets = {_room(target) for target in _imports(package.name, name, file, known)} - {room}
        found.setdefault(room, set()).update(targets)
    return found


def circles(found: Edges) -> list[list[str]]:
    """The rooms that can be reached from themselves, each with the way."""
    return [way for room in found if (way := _way_back(found, room, [room]))]


def long_functions(package: Path, most: int = MOST_FUNCTION_LINES) -> list[str]:
    """The functions with more lines than that, decorators left out."""
    return [
        f"{file.relative_to(package)}:{node.lineno} {node.name}: {length} lines"
        for file in sorted(package.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (length := (node.end_lineno or 0) - node.lineno + 1) > most
    ]


def long_files(package: Path, most: int = MOST_LINES) -> list[str]:
    """The files with more lines than that."""
    return [str(file) for file in package.rglob("*.py") if file.read_text(encoding="utf-8").count("\n") > most]


def crowded(package: Path, most: int = MOST_MODULES) -> list[str]:
    """The folders with more modules than that."""
    folders = {file.parent for file in package.rglob("*.py")}
    return [str(folder) for folder in folders if len([*folder.glob("*.py")]) - 1 > most]


def _room(name: str) -> str:
    return name.split(".")[0]


def _imports(package: str, name: str, file: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules below the package that a module imports, also within functions."""
    here = name.split(".") if file.name == "__init__.py" and name else name.split(".")[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == package:
                    yield alias.name.removeprefix(package).lstrip(".")
        elif isinstance(node, ast.ImportFrom):
            base = _base(package, here, node)
            if base is not None:
                for alias in node.names:
                    inner = f"{base}.{alias.name}".lstrip(".")
                    yield inner if inner in known else base


def _base(package: str, here: list[str], node: ast.ImportFrom) -> str | None:
    """The module that ``from … import`` names, below the package; None if it is of another package."""
    if node.level:
        above = here[: len(here) - (node.level - 1)]
        return ".".join([*above, *([node.module] if node.module else [])])
    if node.module and node.module.split(".")[0] == package:
        return node.module.removeprefix(package).lstrip(".")
    return None


def _way_back(found: Edges, room: str, way: list[str]) -> list[str]:
    for target in sorted(found.get(way[-1], ())):
        if target == room:
            return [*way, target]
        if target not in way and (whole := _way_back(found, room, [*way, target])):
            return whole
    return []
