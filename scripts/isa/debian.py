"""Packages of Debian, unpacked into a folder, from the archive that apt is configured for. Nothing is installed."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from isa.errors import EmulationError

SUITE = "trixie"
"""Debian 13: its qemu-user is 10.0, and linked statically, so that it runs on any distribution."""

_KEYS = Path("/usr/share/keyrings")


def unpack(packages: Sequence[str], architecture: str, target: Path, *, only: Sequence[str] = ()) -> None:
    """Unpacks packages into the new folder ``target``, whole or not at all.

    Args:
        packages: their names; what they depend on is not taken.
        architecture: Debian's name of it, ``amd64`` or ``arm64``.
        target: where to.
        only: the paths to take, ``./usr/bin/…``; by default all.

    Raises:
        EmulationError: there is no apt, no archive of Debian's, or no such package.
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
    """Options that have apt keep everything in a folder, know one suite of one architecture, and need no root."""
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
        "APT::Sandbox::User": "",  # which could not read a folder of root's
        "Acquire::Languages": "none",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _archive() -> str:
    """The archive of Debian's that apt on this machine is configured for."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise EmulationError(
            "expected apt and dpkg, to take packages of Debian's from; found none: run this on Debian or in its container"
        )
    listed = _run("apt-get", "indextargets", "--format", "$(LABEL)|$(REPO_URI)", "Created-By: Packages")
    targets = [line.split("|", 1) for line in listed.splitlines()]
    # Until apt-get update was run, there are no labels.
    known = [uri for label, uri in targets if label == "Debian" or (not label and uri.endswith("/debian/"))]
    if not known:
        raise EmulationError(
            "expected apt to know an archive of Debian's, found none: run this on Debian or in its container"
        )
    return known[0]


def _run(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EmulationError(f"{' '.join((command[0], *command[-2:]))} failed: {last}")
    return done.stdout
