#!/usr/bin/env python3
"""Makes the folder that an image of `linnet serve` is built from: the wheels, and a bundle.

    python3 scripts/image.py build/image
    podman build --format docker --file scripts/Containerfile --tag linnet build/image

It uses this Python's pip, its settings and its index. The build itself needs no network.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "scripts" / "image-requirements.txt"
DEFAULT = ROOT / "artifacts" / "linnet_default"
GLIBC = ("manylinux2014", *(f"manylinux_2_{minor}" for minor in range(17, 29)))
"""The wheels that run where the image does: Debian's glibc is newer than all of these."""


def main() -> None:
    """Writes the folder."""
    args = _arguments()
    folder: Path = args.folder
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"{sys.argv[0]}: expected a new or empty folder, found files in {folder}: remove it, or name another")
    if not (args.bundle / "manifest.json").is_file():
        sys.exit(f"{sys.argv[0]}: expected a bundle in {args.bundle}, found no manifest.json: name another folder")
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT / "runtime"))
    _pip("download", "--no-deps", "--dest", str(wheels), *_target(args), "--requirement", str(REQUIREMENTS))
    shutil.copytree(args.bundle, folder / "bundle", ignore=shutil.ignore_patterns("__pycache__"))
    _let_all_read(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{folder}: {len(list(wheels.iterdir()))} wheels and a bundle, {size / 1e6:.0f} MB")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="the folder to write; it must be new or empty")
    add("--bundle", type=Path, default=DEFAULT, metavar="DIR", help="the bundle (default: the embedded default)")
    add("--python", default="3.12", metavar="3.N", help="the Python of the base image (default: 3.12)")
    add("--machine", default="x86_64", choices=["x86_64", "aarch64"], help="its processor (default: x86_64)")
    return parser.parse_args()


def _target(args: argparse.Namespace) -> list[str]:
    """Returns pip's options for the Python and the processor of the image."""
    platforms = [part for tag in GLIBC for part in ("--platform", f"{tag}_{args.machine}")]
    return ["--only-binary", ":all:", "--implementation", "cp", "--python-version", args.python, *platforms]


def _pip(*arguments: str) -> None:
    """Runs pip; ends this process with pip's own messages if it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments, "--quiet"]
    if subprocess.run(command).returncode:
        sys.exit(f"{sys.argv[0]}: pip {arguments[0]} failed, as it says above; see that pip reaches its index")


def _let_all_read(folder: Path) -> None:
    """Lets the image's user read what another user copied."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    main()
