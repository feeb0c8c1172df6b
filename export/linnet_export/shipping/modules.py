"""A package on disk → its modules, what each imports, and what is left if parts of it are left out."""

import ast
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from linnet.errors import InputError
from linnet.fields import nearest


@dataclass
class Module:
    """A module, and the modules of the same package that it imports."""

    file: Path
    always: set[str] = field(default_factory=set)
    """What it imports when it is imported."""
    later: set[str] = field(default_factory=set)
    """What one of its functions imports."""
    foreign: set[str] = field(default_factory=set)
    """The top-level packages that it imports, of its own package not."""


@dataclass(frozen=True)
class Choice:
    """The modules that are kept, and the parts that are left out though a function may import them."""

    kept: frozenset[str]
    stubs: frozenset[str]


def read_modules(package: Path) -> dict[str, Module]:
    """Returns the modules of a package by their names below it, such as ``cli.main``; the package itself is ``""``."""
    found: dict[str, Module] = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package).with_suffix("").parts
        if all(part.isidentifier() for part in parts):
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = Module(file)
    for name, module in found.items():
        _Imports(name, module, found).visit(ast.parse(module.file.read_bytes()))
    return found


def choose(modules: Mapping[str, Module], without: Collection[str]) -> Choice:
    """Returns which modules are kept if parts are left out, and with them what only these parts import.

    Args:
        modules: what `read_modules` returned.
        without: names of modules; with a folder's, all that is in it is left out.

    Raises:
        InputError: there is no such part, or what is kept cannot be imported without it.
    """
    if unknown := [name for name in without if name not in modules or not name]:
        near = nearest(unknown[0], sorted(filter(None, modules), key=lambda name: name.count(".")))
        meant = f"; did you mean {near}?" if near else ""
        raise InputError(
            f"expected parts of linnet such as {', '.join(_examples(modules, without))}, found {', '.join(unknown)}{meant}"
        )
    removed = {name: part for name in modules for part in without if name == part or name.startswith(f"{part}.")}
    imported = set().union(*(module.always | module.later for module in modules.values()))
    starts = [name for name in modules if name not in imported and not modules[name].always & removed.keys()]
    kept, waiting, stubs = set[str](), ["", *starts], set[str]()
    while waiting:
        name = waiting.pop()
        if name in kept or name in removed:
            continue
        kept.add(name)
        module = modules[name]
        if needed := sorted(module.always & removed.keys()):
            raise InputError(
                f"expected parts that linnet can do without, found {needed[0]}: {name or 'linnet'} imports it; keep it"
            )
        stubs |= {removed[target] for target in module.later & removed.keys()}
        waiting += [*module.always, *module.later]
    return Choice(frozenset(kept), frozenset(stubs))


def _examples(modules: Mapping[str, Module], named: Collection[str]) -> list[str]:
    """Returns the parts at the top that can be left out, each alone or with all before it; those named already not."""
    parts = sorted(name for name in modules if name.isalpha() and name not in named)
    found = list[str]()
    for part in (*parts, *parts):  # twice, because some can be left out only with others that come after them
        with suppress(InputError):
            if part not in found:
                choose(modules, [*found, part])
                found.append(part)
    return found


class _Imports(ast.NodeVisitor):
    """Collects what a module imports."""

    def __init__(self, name: str, module: Module, known: Mapping[str, Module]) -> None:
        self._module, self._known = module, known
        parts = name.split(".") if name else []
        self._here = parts if module.file.name == "__init__.py" else parts[:-1]
        self._into = module.always
        self._into.update(_parents(name))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._inside(node)

    def _inside(self, node: ast.AST) -> None:
        before, self._into = self._into, self._module.later
        self.generic_visit(node)
        self._into = before

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test).rpartition(".")[2] != "TYPE_CHECKING":
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self._module.foreign.update(alias.name.partition(".")[0] for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if not node.level:
            self._module.foreign.add((node.module or "").partition(".")[0])
            return
        base = [*self._here[: len(self._here) - node.level + 1], *(node.module.split(".") if node.module else [])]
        for alias in node.names:
            inner = ".".join([*base, alias.name])
            target = inner if inner in self._known else ".".join(base)
            self._into.update({target, *_parents(target)})


def _parents(name: str) -> Iterator[str]:
    """Yields the packages that importing a module imports before it."""
    while name:
        name = name.rpartition(".")[0]
        yield name
