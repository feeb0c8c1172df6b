"""The installed runtime → its wheel, without an index and without a build: the files are those that run here."""

import base64
import hashlib
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import linnet
from linnet.errors import InputError
from packaging.markers import Marker
from packaging.requirements import Requirement

import linnet_export

_NAME = "linnet"
_OF_INSTALLING = ("RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json")
_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the wheel, so that the same files give the same bytes."""
_REMEDY = "run pip install ./runtime in your clone of Linnet, or name a wheel with --linnet-wheel"


def requirements(extra: str = "") -> dict[str, str]:
    """Returns what the runtime requires, or what ``extra`` adds: by distribution, the requirement for pip."""
    declared = map(Requirement, _distribution().requires or ())
    return {each.name: f"{each.name}{each.specifier}" for each in declared if _is_of(each.marker, extra)}


def _is_of(marker: Marker | None, extra: str) -> bool:
    if marker is None or marker.evaluate({"extra": ""}):
        return not extra
    return bool(extra) and marker.evaluate({"extra": extra})


def write_own_wheel(folder: Path) -> Path:
    """Writes the wheel of the runtime that is installed here; returns its path.

    Raises:
        InputError: the installed files do not say which version they are.
    """
    found = _distribution()
    if found.version != linnet.__version__ or found.files is None:
        raise InputError(
            f"expected the metadata of linnet {linnet.__version__}, found that of {found.version}: {_REMEDY}"
        )
    information = f"{_NAME}-{found.version}.dist-info"
    wheel = folder / f"{_NAME}-{found.version}-py3-none-any.whl"
    contents = {**dict(_package()), **dict(_metadata(found, information))}
    contents[f"{information}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: linnet-export {linnet_export.__version__}\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n"
    ).encode()
    records = [f"{name},{_hash(content)},{len(content)}" for name, content in contents.items()]
    contents[f"{information}/RECORD"] = "\n".join([*records, f"{information}/RECORD,,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            archive.writestr(entry, content)
    return wheel


def _distribution() -> Distribution:
    try:
        return distribution(_NAME)
    except PackageNotFoundError:
        raise InputError(f"expected an installed linnet with its metadata, found none: {_REMEDY}") from None


def licence_texts() -> dict[str, bytes]:
    """Returns the runtime's licence texts by their names."""
    files = [file for file in _distribution().files or () if "licenses" in file.parts]
    return {file.name: Path(str(file.locate())).read_bytes() for file in files}


def package_files() -> list[Path]:
    """Returns the files of the runtime's package, sorted."""
    package = Path(linnet.__file__).parent
    return [file for file in sorted(package.rglob("*")) if file.is_file() and "__pycache__" not in file.parts]


def _package() -> Iterator[tuple[str, bytes]]:
    package = Path(linnet.__file__).parent
    for file in package_files():
        yield f"{_NAME}/{file.relative_to(package).as_posix()}", file.read_bytes()


def _metadata(found: Distribution, information: str) -> Iterator[tuple[str, bytes]]:
    for file in sorted(found.files or ()):
        if file.parts[0].endswith(".dist-info") and file.name not in _OF_INSTALLING:
            yield "/".join((information, *file.parts[1:])), Path(str(file.locate())).read_bytes()


def _hash(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"
