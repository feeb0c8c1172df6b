"""Downloads Debian packages from apt's configured archive, and unpacks them into a folder without installing them."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from isa.errors import EmulationError

SUITE = "trixie"
"""Debian 13: its qemu-user is 10.0, and statically linked, so it runs on any distribution."""

_KEYS = Path("/usr/share/keyrings")


def unpack(packages: Sequence[str], architecture: str, target: Path, *, only: Sequence[str] = ()) -> None:
    """Unpacks packages into the new folder ``target``, atomically.

    Args:
        packages: the names of the packages; dependencies are not unpacked.
        architecture: Debian's name of the architecture, ``amd64`` or ``arm64``.
        target: the folder to create.
        only: the paths to unpack, ``./usr/bin/…``; all by default.

    Raises:
        EmulationError: there is no apt, no Debian archive, or no such package.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as folder:
        root, downloads = Path(folder) / "root", Path(folder) / "downloads"
        root.mkdir()
        downloads.mkdir()
        options = _private_apt(Path(folder) / "apt", architecture)
        _run("apt-get", *options, "update")
        _run("apt-get", *options, "download", *packages, folder=downloads)
        for package in sorted(downloads.glob("*.deb")):
            archive = Path(folder) / "package.tar"
            with archive.open("wb") as file:
                subprocess.run(["dpkg", "--fsys-tarfile", package], stdout=file, check=True)
            _run("tar", "-xf", str(archive), "-C", str(root), *only)
        root.rename(target)


def _private_apt(folder: Path, architecture: str) -> list[str]:
    """Returns options for apt to use only this folder, one suite and one architecture, and to need no root."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    keys = sorted(_KEYS.glob("debian-archive-keyring.[gp][pg][gp]"))
    signed = f" signed-by={keys[0]}" if keys else ""
    (folder / "sources.list").write_text(f"deb [arch={architecture}{signed}] {_archive()} {SUITE} main\n")
    settings = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Sandbox::User": "",  # apt's sandbox user cannot read root's folders
        "Acquire::Languages": "none",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _archive() -> str:
    """Returns the URI of the Debian archive that apt is configured for."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise EmulationError(
            "expected apt and dpkg, to download Debian packages, found none: run this on Debian or in its container"
        )
    listed = _run("apt-get", "indextargets", "--format", "$(LABEL)|$(REPO_URI)", "Created-By: Packages")
    targets = [line.split("|", 1) for line in listed.splitlines()]
    # Labels are missing until the first apt-get update.
    known = [uri for label, uri in targets if label == "Debian" or (not label and uri.endswith("/debian/"))]
    if not known:
        raise EmulationError(
            "expected apt to be configured for a Debian archive, found none: run this on Debian or in its container"
        )
    return known[0]


def _run(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EmulationError(f"{' '.join((command[0], *command[-2:]))} failed: {last}")
    return done.stdout
