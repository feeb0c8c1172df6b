"""Installs a kit of Linnet without a network: checks every file first, then installs the wheels and the bundles."""

import argparse
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

KIT = Path(__file__).resolve().parent
SUMS = "SHA256SUMS"
FAILED, UNUSABLE = 1, 2


def stop(message: str, status: int = FAILED) -> NoReturn:
    """Ends the process with a message."""
    print(f"install.py: {message}", file=sys.stderr)
    raise SystemExit(status)


def parse_args() -> argparse.Namespace:
    """Returns the parsed arguments."""
    parser = argparse.ArgumentParser(
        prog="install",
        description="Installs this kit without a network: checks every file, then installs the wheels and the bundles.",
        epilog="example: sh install.sh /opt/linnet",
    )
    add = parser.add_argument
    add("target", type=Path, metavar="DIR", help="the folder to make; it gets venv/ and bundles/")
    add("--no-venv", action="store_true", help="install into the Python that runs this, without an environment")
    add("--digest", metavar="HEX", help=f"the sha256 that {SUMS} must have: what linnet-export kit printed")
    add(
        "--key",
        type=Path,
        metavar="PUBLIC",
        help="check that this public key signed the bundles: a PEM file that did not come with the kit",
    )
    return parser.parse_args()


def main() -> None:
    """Checks the kit, installs it, verifies the bundles, and says how to use them."""
    args = parse_args()
    check_files(args.digest)
    kit = json.loads((KIT / "kit.json").read_text(encoding="utf-8"))
    check_machine(kit)
    key = args.key and usable_key(args.key, kit)
    target = Path.cwd() / args.target
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        stop(f"expected a new folder, found {args.target}: name another, or remove it", UNUSABLE)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop("interrupted; nothing is installed", 130))
    done = False
    try:
        install(kit, target, sys.executable if args.no_venv else None, key)
        done = True
    finally:
        if not done:
            shutil.rmtree(target, ignore_errors=True)


def check_files(digest: "str | None") -> None:
    """Checks every file of the kit against SHA256SUMS, and that there is no other file."""
    sums = KIT / SUMS
    if digest is not None and sha256_of(sums) != digest.lower():
        stop(f"this is another kit, or it was altered: expected a {SUMS} with sha256 {digest}, found {sha256_of(sums)}")
    try:
        lines = [line.split("  ") for line in sums.read_text(encoding="utf-8").splitlines()]
        expected = {name: digest for digest, name in lines}
    except ValueError:
        stop(f"{SUMS} was altered: copy the kit again")
    found = {
        path.relative_to(KIT).as_posix(): path for path in KIT.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    del found[SUMS]
    wrong = [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    wrong += [f"{name} does not belong to the kit" for name in sorted(found.keys() - expected.keys())]
    for name in sorted(expected.keys() & found.keys()):
        if found[name].is_symlink() or not found[name].is_file() or sha256_of(found[name]) != expected[name]:
            wrong.append(f"{name} was altered")
    if wrong:
        stop("; ".join(wrong) + ": copy the kit again")


def sha256_of(file: Path) -> str:
    """Returns the sha256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def check_machine(kit: "dict[str, Any]") -> None:
    """Checks that this is the kind of machine and the Python that the kit is for."""
    expected = f"CPython {kit['python']} on {kit['system']} {kit['machine']}"
    version = ".".join(platform.python_version_tuple()[:2])
    found = f"{platform.python_implementation()} {version} on {platform.system()} {platform.machine()}"
    if found != expected:
        stop(f"expected {expected}, found {found}: name another Python in PYTHON, or make a kit for this one", UNUSABLE)


def usable_key(given: Path, kit: "dict[str, Any]") -> Path:
    """Returns the path of the public key; ends the process if this kit cannot check signatures of it."""
    if not kit["signed_by"]:
        stop("this kit cannot check signatures: make it with linnet-export kit --key PUBLIC", UNUSABLE)
    key = given.resolve()
    if not key.is_file():
        stop(f"expected a public key, a PEM file, at {given}, found none: name the file of the signer's key", UNUSABLE)
    if KIT in key.parents:
        stop(f"{given} is in the kit: who alters the kit can alter it too; name a copy from the signer", UNUSABLE)
    return key


def install(kit: "dict[str, Any]", target: Path, python: "str | Path | None", key: "Path | None") -> None:
    """Installs into a Python, or without one into a new environment; then verifies the bundles."""
    target.mkdir(parents=True, exist_ok=True)
    if python is None:
        run(sys.executable, "-I", "-m", "venv", target / "venv", otherwise="cannot make an environment")
        python = target / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [python, "-I", "-m", "pip", "install", "--isolated", "--no-index", "--no-deps", "--require-hashes"]
    pip += ["--quiet", "--no-cache-dir", "--disable-pip-version-check", "--find-links", KIT / "wheels"]
    run(*pip, "--requirement", KIT / "requirements.txt", otherwise="pip cannot install the wheels")
    shutil.copytree(KIT / "bundles", target / "bundles")
    linnet: list[str | Path] = [python, "-I", "-m", "linnet"]
    for bundle in kit["bundles"]:
        place = target / "bundles" / bundle["name"]
        demands = ["--sha256", bundle["digest"], *(["--key", key] if key else [])]
        run(*linnet, "verify", place, *demands, otherwise=f"{place} cannot be verified")
    first = kit["bundles"][0]
    command = f'{python} -m linnet {first["command"]} --bundle {target / "bundles" / first["name"]} "Good news!"'
    print(f"installed; try: {command}")
    if kit["signed_by"] and not key:
        print("note: the hashes of the bundles were checked, their signatures were not.", file=sys.stderr)
        print(f"The kit says that the signer's key has the fingerprint {kit['signed_by']}.", file=sys.stderr)
        print("Get the public key from the signer, compare the fingerprint, and run:", file=sys.stderr)
        for bundle in kit["bundles"]:
            place = target / "bundles" / bundle["name"]
            print(f"  {python} -m linnet verify {place} --key PUBLIC", file=sys.stderr)


def run(*command: "str | Path", otherwise: str) -> None:
    """Runs a program; ends the process with a message if it fails."""
    environment = {**os.environ, "PIP_CONFIG_FILE": os.devnull}  # the machine's settings may name an index
    done = subprocess.run([str(part) for part in command], env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        stop(f"{otherwise}; nothing is installed in the folder that you named")


if __name__ == "__main__":
    main()
