"""The installed runtime → a plain folder inside a product, under another name, with a bundle and without parts."""

import keyword
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path

import linnet
from linnet.bundle.opening import Bundle, open_bundle
from linnet.bundle.placing import publish, resolve_target, staging_folder
from linnet.errors import InputError, LinnetError
from linnet.preprocessing import PREPROCESSORS
from packaging.requirements import Requirement

import linnet_export
from linnet_export.shipping.bundles import copy_bundle
from linnet_export.shipping.licences import PAGE, write_page
from linnet_export.shipping.modules import Choice, Module, choose, read_modules
from linnet_export.shipping.own_wheel import licence_texts, package_files, requirements
from linnet_export.shipping.wheels import stated_licence

_BUNDLE = "linnet_default"
_ALWAYS_WITHOUT = ("freezing",)
"""A hook that PyInstaller finds by the name of the distribution."""
_TOKENIZER = "tokenization.tokenizer"
"""The module for ``tokenizer.json``, which bundles with a ``tokenizer.unigram`` do not need."""
_WRITER = "written by linnet-export"
"""What the page of a vendored copy says, and by which one is known."""
_STUB = 'raise ImportError("{package} was vendored without {part}; to have it, run linnet-export vendor again")\n'


class VendoringError(LinnetError):
    """The vendored package does not run."""


@dataclass(frozen=True)
class Vendored:
    """What was written."""

    folder: Path
    """The package's folder."""
    size: int
    """The size of its files without the bundle, in bytes."""
    requires: tuple[str, ...]
    """What it needs, for pip."""
    without: tuple[str, ...]
    """The parts that were left out."""


def vendor(output: Path, package: str, *, bundle: Path | None = None, without: Collection[str] = ()) -> Vendored:
    """Writes the runtime as the package ``package`` below the folder ``output``, whole or not at all.

    Args:
        output: the folder that the product's packages are in.
        package: the name to import, such as ``app._vendor.linnet``; its folder must be new or empty.
        bundle: a bundle that becomes this package's default. What it does not need is left out.
        without: further parts to leave out, such as ``cli``.

    Raises:
        BundleError: the bundle cannot be loaded, or was altered.
        InputError: the name is no package's, the folder cannot be written to, or a part cannot be left out.
        VendoringError: the package does not run.
    """
    names = package.split(".")
    if not all(name.isidentifier() and not keyword.iskeyword(name) for name in names):
        raise InputError(f"expected --package to be a name such as app._vendor.linnet, found {package}")
    opened = open_bundle(bundle) if bundle else None
    modules = read_modules(Path(linnet.__file__).parent)
    parts = sorted({*_ALWAYS_WITHOUT, *without, *_needless(opened, modules)})
    choice = choose(modules, parts)
    _expect_no_copy(output.joinpath(*names))
    place = resolve_target(output.joinpath(*names), Path(linnet.__file__).parent, overwrite=False, what="package")
    with staging_folder(place) as staged:
        folder = staged.scratch.joinpath(*names)
        _write_package(modules, choice, folder, package)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        requires = _requires(modules, choice)
        _write_notices(folder, package, requires, parts, opened)
        if opened:
            copy_bundle(opened, folder / _BUNDLE)
        _check(staged.scratch, package, modules, choice, opened)
        publish(folder, place, overwrite=False)
    return Vendored(place, size, requires, tuple(parts))


def _expect_no_copy(folder: Path) -> None:
    """Checks that a folder is no vendored copy; one is not replaced, because its user may have changed it."""
    with suppress(OSError):
        if _WRITER in (folder / PAGE).read_text(encoding="utf-8", errors="replace"):
            raise InputError(
                f"{folder} is a vendored copy of linnet already: to replace it, save what you changed there, "
                "remove this folder, and run the command again"
            )


def _needless(bundle: Bundle | None, modules: Collection[str]) -> list[str]:
    """Returns the parts that are only for other bundles."""
    if bundle is None:
        return []
    others = [f"preprocessing.{name}" for name in PREPROCESSORS if name != bundle.settings.preprocessing]
    found = [name for name in others if name in modules]
    return [*found, *([_TOKENIZER] if bundle.compact_tokenizer else [])]


def _write_package(modules: Mapping[str, Module], choice: Choice, folder: Path, package: str) -> None:
    """Writes the kept modules, the files that are no modules, and a module in place of each part that is missed."""
    top = Path(linnet.__file__).parent
    kept = {modules[name].file for name in choice.kept}
    for file in package_files():
        if file in kept or (file.suffix != ".py" and _room(file) in kept):
            target = folder / file.relative_to(top)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    for part in choice.stubs:
        target = folder / modules[part].file.relative_to(top)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_STUB.format(package=package, part=part), encoding="utf-8")


def _room(file: Path) -> Path:
    """Returns the module of the nearest package that a file is in."""
    return next(found for folder in file.parents if (found := folder / "__init__.py").is_file())


def _requires(modules: Mapping[str, Module], choice: Choice) -> tuple[str, ...]:
    imported = set().union(*(modules[name].foreign for name in choice.kept))
    return tuple(requirement for name, requirement in requirements().items() if name in imported)


def _extras(modules: Mapping[str, Module]) -> set[str]:
    """Returns the packages that only extras need."""
    imported = set().union(*(module.foreign for module in modules.values()))
    return imported - set(requirements()) - sys.stdlib_module_names


def _write_notices(
    folder: Path, package: str, requires: Sequence[str], parts: Sequence[str], bundle: Bundle | None
) -> None:
    """Writes linnet's licence, and the page on what else is here and what is needed."""
    for name, content in licence_texts().items():
        (folder / name).write_bytes(content)
    lines = [
        f"linnet {linnet.__version__}, as {package}; {_WRITER} {linnet_export.__version__}",
        f"  left out: {', '.join(parts)}",
        f"  licence: {stated_licence(metadata('linnet'))}",
        *(f"  text: {name}" for name in licence_texts()),
        "",
    ]
    for requirement in requires:
        name = Requirement(requirement).name
        lines += [f"{requirement}: needed, not in this folder", f"  licence: {stated_licence(metadata(name))}", ""]
    write_page(folder / PAGE, lines, {_BUNDLE: bundle} if bundle else {})


_CHECK = """
import importlib, sys
root, package, extras, has_bundle, *modules = sys.argv[1:]
sys.path.insert(0, root)
sys.modules["linnet"] = None  # which it must not import
for module in modules:
    try:
        importlib.import_module(f"{package}.{module}" if module else package)
    except ModuleNotFoundError as missing:
        if missing.name.partition(".")[0] not in extras.split():
            raise
    except importlib.import_module(f"{package}.errors").MissingPackageError:
        pass
if has_bundle:
    sys.modules[package].load()(["Good news!"])
"""


def _check(root: Path, package: str, modules: Mapping[str, Module], choice: Choice, bundle: Bundle | None) -> None:
    """Imports every module of the package in another process, and runs its bundle.

    Modules that need an extra which is not installed here are passed over.

    Raises:
        VendoringError: that fails.
    """
    kept = sorted(choice.kept - {"__main__"})
    command = [sys.executable, "-I", "-B", "-c", _CHECK, str(root), package, " ".join(_extras(modules))]
    command += ["yes" if bundle else "", *kept]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise VendoringError(f"{package} does not run, and was not written: {last}; leave out less")
