"""Requirements and a target → the wheels that an index has for them; what a wheel contains."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from functools import cached_property
from importlib.metadata import PackageMetadata
from pathlib import Path, PurePosixPath

from linnet.bundle.integrity import sha256_of
from linnet.errors import InputError, LinnetError
from linnet.system.temporary import finally_doing
from packaging.utils import canonicalize_name

from linnet_export.shipping.platforms import Target

_LICENCE = re.compile(r"(licen[cs]e|notice|copying|copyright|third.?party)", re.IGNORECASE)
_CODE = (".py", ".pyc", ".pyi", ".so", ".pyd", ".dll", ".dylib")


class DownloadError(LinnetError):
    """The index has no such wheels, or cannot be reached."""


@dataclass(frozen=True)
class Wheel:
    """A wheel on disk."""

    file: Path

    @cached_property
    def _metadata(self) -> Message:
        with zipfile.ZipFile(self.file) as archive:
            return BytesParser().parsebytes(archive.read(f"{self.information}/METADATA"))

    @cached_property
    def names(self) -> list[str]:
        """The names of its files."""
        with zipfile.ZipFile(self.file) as archive:
            return [info.filename for info in archive.infolist() if not info.is_dir()]

    @cached_property
    def information(self) -> str:
        """The name of its ``.dist-info`` folder."""
        found = {name.split("/")[0] for name in self.names if name.split("/")[0].endswith(".dist-info")}
        if len(found) != 1:
            raise InputError(f"{self.file}: expected a wheel with one .dist-info folder, found {len(found)}")
        return found.pop()

    @property
    def name(self) -> str:
        """The distribution's name."""
        return canonicalize_name(self._metadata["Name"])

    @property
    def version(self) -> str:
        """The distribution's version."""
        return str(self._metadata["Version"])

    @property
    def title(self) -> str:
        """Name and version, for names of folders and tables."""
        return f"{self.name}-{self.version}"

    @property
    def licence(self) -> str | None:
        """The licence that its metadata states; None if it states none."""
        return stated_licence(self._metadata)

    @property
    def home(self) -> str | None:
        """The address of its project, if its metadata names one."""
        urls = self._metadata.get_all("Project-URL", [])
        return self._metadata["Home-page"] or (urls[0].rpartition(", ")[2] if urls else None)

    @cached_property
    def sha256(self) -> str:
        """The sha256 of the file, in hexadecimal."""
        return sha256_of(self.file)

    @property
    def size(self) -> int:
        """The size of the file, in bytes."""
        return self.file.stat().st_size

    @cached_property
    def installed_size(self) -> int:
        """The size of its files once they are installed, in bytes."""
        with zipfile.ZipFile(self.file) as archive:
            return sum(info.file_size for info in archive.infolist())

    def statements(self) -> Iterator[tuple[str, bytes]]:
        """Yields the path and the content of each licence text and notice in the wheel."""
        folders = tuple(f"{self.information}/{folder}/" for folder in ("licenses", "license_files"))
        yield from self._contents(
            name
            for name in self.names
            if name.startswith(folders)
            or (_LICENCE.match(PurePosixPath(name).name) and not name.lower().endswith(_CODE))
        )

    def bills(self) -> Iterator[tuple[str, bytes]]:
        """Yields the path and the content of each bill of materials in the wheel."""
        yield from self._contents(name for name in self.names if name.startswith(f"{self.information}/sboms/"))

    def _contents(self, names: Iterator[str]) -> Iterator[tuple[str, bytes]]:
        with zipfile.ZipFile(self.file) as archive:
            for name in names:
                path = PurePosixPath(name)
                if path.is_absolute() or ".." in path.parts or "\\" in name:
                    raise InputError(f"{self.file}: expected paths inside the wheel, found {name!r}; do not use it")
                yield name, archive.read(name)


def stated_licence(metadata: Message | PackageMetadata) -> str | None:
    """Returns the licence that a distribution's metadata states, on one line; None if it states none."""
    one_line = [text for text in metadata.get_all("License", []) if len(text) < 100 and "\n" not in text.strip()]
    for found in [*metadata.get_all("License-Expression", []), *one_line]:
        return str(found).strip()
    prefix = "License :: "
    found = [entry for entry in metadata.get_all("Classifier", []) if entry.startswith(prefix)]
    return " and ".join(entry.rpartition(" :: ")[2] for entry in found) or None


def download(requirements: Sequence[str], target: Target, folder: Path) -> list[Wheel]:
    """Downloads wheels for the target with pip, its own settings and its index; nothing that they depend on.

    Raises:
        DownloadError: pip fails.
        InputError: a wheel is for another platform.
    """
    platforms = [part for tag in target.platform.tags for part in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--implementation", "cp", "--python-version", target.python, *platforms, "--dest", str(folder)]
    folder.mkdir(parents=True, exist_ok=True)
    status, said = _run([*command, *requirements])
    if status:
        errors = [line for line in said.splitlines() if "ERROR" in line or "No module named pip" in line]
        raise DownloadError(
            f"expected wheels of {', '.join(requirements)} for Python {target.python} on {target.platform.name}: pip "
            f"download failed: {(errors or said.splitlines() or ['no message'])[-1].removeprefix('ERROR: ')}; see that pip "
            "works in this environment and reaches its index, or choose another --python"
        )
    wheels = [Wheel(file) for file in sorted(folder.glob("*.whl"))]
    for wheel in wheels:
        target.check(wheel.file)
    return wheels


def _run(command: Sequence[str]) -> tuple[int, str]:
    """Runs a command, which ends when this process is interrupted; returns its status and its messages."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        with finally_doing(process.kill):
            _, said = process.communicate()
        return process.returncode, said
