"""Declares the commands about a bundle itself: ``info``, ``verify`` and ``prepare``."""

import argparse
import re

from ..command import Commands, Run, add_command, path


def add_info(commands: Commands) -> None:
    """Declares ``info``."""
    add = add_command(
        commands, "info", "show a bundle's details", _info, "%(prog)s my-bundle", "%(prog)s my-bundle --digest"
    ).add_argument
    add("bundle", nargs="?", type=path, metavar="DIR", help="the bundle (default: the embedded one)")
    add("--json", action="store_true", help="print one JSON object")
    add("--digest", action="store_true", help="print only the bundle's digest: the sha256 of its manifest.json")


def add_verify(commands: Commands) -> None:
    """Declares ``verify``."""
    add = add_command(
        commands,
        "verify",
        "check the hash of every file of a bundle, including the weights",
        _verify,
        "%(prog)s my-bundle",
        "%(prog)s my-bundle --sha256 DIGEST",
        "%(prog)s my-bundle --key signer.pub",
    ).add_argument
    add("bundle", nargs="?", type=path, metavar="DIR", help="the bundle (default: the embedded one)")
    add(
        "--sha256",
        type=_digest,
        metavar="DIGEST",
        help="also check the bundle's digest, as info showed it: the sha256 of its manifest.json",
    )
    add(
        "--key",
        type=path,
        metavar="PUBLIC",
        help="also check that this public key signed the bundle, and every file in its folder: a PEM file "
        "from outside the bundle",
    )


def add_prepare(commands: Commands) -> None:
    """Declares ``prepare``."""
    add = add_command(
        commands,
        "prepare",
        "pack a bundle's weights for this machine once, so that processes share them",
        _prepare,
        "%(prog)s my-bundle",
        "%(prog)s my-bundle --remove",
    ).add_argument
    add("bundle", nargs="?", type=path, metavar="DIR", help="the bundle (default: the embedded one)")
    add(
        "--cache",
        type=path,
        metavar="DIR",
        help="the folder for packed weights (default: $LINNET_CACHE, else linnet in $XDG_CACHE_HOME or ~/.cache)",
    )
    add("--remove", action="store_true", help="remove the packed weights")


def _digest(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", value.lower()):
        raise argparse.ArgumentTypeError(f"expected a sha256, 64 hexadecimal digits, found {value!r}")
    return value.lower()


def _info() -> Run:
    from ..commands.info import run_info

    return run_info


def _verify() -> Run:
    from ..commands.verify import run_verify

    return run_verify


def _prepare() -> Run:
    from ..commands.prepare import run_prepare

    return run_prepare
