"""Bundles and a target → a kit: a folder that installs the runtime and the bundles where there is no network."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from linnet.bundle.integrity import sha256_of
from linnet.bundle.opening import Bundle
from linnet.bundle.placing import publish, resolve_target, staging_folder
from linnet.fields import parse_object
from linnet.names import COMPACT_TOKENIZER, PARITY, SIGNATURE
from linnet.tasks import TASKS
from linnet.trust.keys import Key

from linnet_export.shipping.bills import write_bills
from linnet_export.shipping.bundles import copy_all, open_all
from linnet_export.shipping.licences import PAGE, write_licences, write_page
from linnet_export.shipping.own_wheel import requirements, write_own_wheel
from linnet_export.shipping.platforms import Target
from linnet_export.shipping.wheels import Wheel, download

SUMS = "SHA256SUMS"
_BUNDLES, _WHEELS = "bundles", "wheels"
_TOKENIZERS = "tokenizers"
_CHECKS_SIGNATURES = "verify"
"""The extra of the runtime for keys."""
_ALSO_IMPORTED = ("cffi>=2",)
"""What `cryptography` imports. It declares `typing_extensions` too, and cffi `pycparser`; no check imports these."""
_FILES = Path(__file__).with_name("kit_files")
_PAGE_AND_SCRIPTS = ("README.txt", "install.sh", "install.ps1", "install.py")


@dataclass(frozen=True)
class Item:
    """A wheel or a bundle in a kit."""

    name: str
    packed: int
    """Its size in the kit, in bytes."""
    installed: int
    """Its size once it is installed, in bytes."""


@dataclass(frozen=True)
class Kit:
    """What a kit contains."""

    items: tuple[Item, ...]
    """The wheels and the bundles."""
    size: int
    """The size of all files, in bytes."""
    digest: str
    """The sha256 of ``SHA256SUMS``, which has the sha256 of every other file."""
    notes: tuple[str, ...]
    """What the user should know about the choice of the wheels and of the files."""
    signed_by: str | None
    """The fingerprint of the given key that signed the bundles, in hexadecimal; None if none was given."""


def make_kit(
    bundles: Sequence[Path],
    output: Path,
    target: Target,
    *,
    linnet_wheel: Path | None = None,
    key: Key | None = None,
) -> Kit:
    """Writes a kit into the folder ``output``, whole or not at all.

    Args:
        bundles: the folders of the bundles.
        output: the folder to write; it must be new or empty.
        target: the platform and the Python.
        linnet_wheel: the wheel of the runtime; by default, it is made of the installed files.
        key: the public key that must have signed the bundles: the path of a PEM file outside them, or the content of
            one. The kit gets what checks signatures, and every signed file, but not the key.

    Raises:
        BundleError: a bundle cannot be loaded, or was altered, or the key did not sign it.
        InputError: the folder cannot be written to, a wheel is for another platform, or the key cannot be used.
        DownloadError: the index has no such wheels.
    """
    opened = open_all(bundles, key)
    (signer,) = {bundle.signed_by for bundle in opened.values()}
    (place,) = {resolve_target(output, path, overwrite=False, what="bundle") for path in bundles}
    by_path = {f"{_BUNDLES}/{name}": bundle for name, bundle in opened.items()}
    with staging_folder(place) as staged:
        folder = staged.bundle
        copy_all(opened, folder / _BUNDLES)
        wheels = _wheels(list(opened.values()), target, folder / _WHEELS, linnet_wheel)
        write_page(folder / PAGE, write_licences(wheels, folder), by_path)
        write_bills(wheels, by_path, target, folder)
        _write_installer(wheels, opened, signer, target, folder)
        digest = _write_sums(folder)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        items = [Item(wheel.title, wheel.size, wheel.installed_size) for wheel in wheels]
        publish(folder, place, overwrite=False)
    items += [Item(path, bundle.size, bundle.size) for path, bundle in by_path.items()]
    return Kit(tuple(items), size, digest, tuple(_notes(wheels, opened)), signer)


def _wheels(bundles: Sequence[Bundle], target: Target, folder: Path, own: Path | None) -> list[Wheel]:
    """Writes the wheels that running these bundles imports into a folder."""
    needed = requirements()
    if all(bundle.compact_tokenizer for bundle in bundles):
        del needed[_TOKENIZERS]  # only `tokenizer.json` needs it
    wanted = list(needed.values())
    if all(bundle.signed_by for bundle in bundles):
        wanted += [*requirements(_CHECKS_SIGNATURES).values(), *_ALSO_IMPORTED]
    wheels = download(wanted, target, folder)
    if own is None:
        made = write_own_wheel(folder)
    else:
        made = Path(shutil.copy(own, folder))
        target.check(made)
    return [Wheel(made), *wheels]


def _write_installer(
    wheels: Sequence[Wheel], bundles: Mapping[str, Bundle], signer: str | None, target: Target, folder: Path
) -> None:
    """Writes the page for readers, the scripts, and the two files that they read."""
    for name in _PAGE_AND_SCRIPTS:
        script = _FILES.joinpath(name).read_text(encoding="utf-8")
        content = script.replace("@PYTHON@", target.python).replace("@PLATFORM@", target.platform.name)
        (folder / name).write_bytes(content.encode())
    pins = [f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in wheels]
    (folder / "requirements.txt").write_bytes("".join(pins).encode())
    kit = {
        "python": target.python,
        "system": target.platform.system,
        "machine": target.platform.machine,
        "signed_by": signer,
        "bundles": [
            {"name": name, "digest": bundle.digest, "command": TASKS[bundle.settings.task].command.split()[-1]}
            for name, bundle in bundles.items()
        ],
    }
    (folder / "kit.json").write_bytes((json.dumps(kit, indent=2, ensure_ascii=False) + "\n").encode())


def _write_sums(folder: Path) -> str:
    """Writes the sha256 of every file in the kit; returns the sha256 of what it wrote."""
    paths = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    lines = [f"{sha256_of(folder / path)}  {path}\n" for path in paths]
    (folder / SUMS).write_bytes("".join(lines).encode())
    return sha256_of(folder / SUMS)


def _notes(wheels: Sequence[Wheel], bundles: Mapping[str, Bundle]) -> Iterator[str]:
    versions = {wheel.name: wheel.version for wheel in wheels}
    if _TOKENIZERS not in versions:
        yield f"{_TOKENIZERS} is left out: every bundle has a {COMPACT_TOKENIZER}"
    for name, bundle in bundles.items():
        if not bundle.signed_by and (bundle.folder.resolved / SIGNATURE).is_file():
            yield (
                f"{name} is signed: its {SIGNATURE} was not checked, and signed files that its manifest does not list are "
                "left out; name the signer's public key with --key"
            )
        listed = bundle.manifest.find(PARITY)
        measured = parse_object(PARITY, bundle.folder.content(listed)).get("versions") if listed else None
        if isinstance(measured, dict):
            for package, version in versions.items():
                if package in measured and measured[package] != version:
                    yield f"the parity of {name} was measured with {package} {measured[package]}; the kit has {version}"
