"""The arguments of ``linnet-export kit`` and ``linnet-export vendor``."""

import argparse

from linnet.cli.command import Commands, Run, add_command, path

from linnet_export.shipping.platforms import PLATFORMS


def add_kit(commands: Commands) -> argparse.ArgumentParser:
    """Adds the command ``kit``."""
    parser = add_command(
        commands,
        "kit",
        "write a folder that installs linnet and bundles on a machine without a network",
        _kit,
        "linnet-export kit my-bundle --platform linux-aarch64 --python 3.12 --output my-kit",
        "linnet-export kit my-bundle --platform linux-x86_64 --python 3.12 --output my-kit --key signer.pem.pub",
    )
    add = parser.add_argument
    add("bundles", type=path, nargs="+", metavar="DIR", help="the bundles")
    add("--platform", choices=PLATFORMS, required=True, help="the kind of machine that the kit is for")
    add("--python", required=True, metavar="VERSION", help="the version of Python there, such as 3.12")
    add("--output", type=path, required=True, metavar="KIT", help="the folder to write")
    add(
        "--key",
        type=path,
        metavar="PUBLIC",
        help="this public key, a PEM file outside the bundles, must have signed them; the kit can then check signatures",
    )
    add(
        "--linnet-wheel",
        type=path,
        metavar="FILE",
        help="the wheel of linnet (default: made of the linnet that is installed here)",
    )
    add("--json", action="store_true", help="print one JSON object: the digest, the sizes in bytes, and the notes")
    return parser


def add_vendor(commands: Commands) -> argparse.ArgumentParser:
    """Adds the command ``vendor``."""
    parser = add_command(
        commands,
        "vendor",
        "write linnet into a product's folder, as a package of another name",
        _vendor,
        "linnet-export vendor --output my-product --package app._vendor.linnet",
        "linnet-export vendor --output my-product --package app._vendor.linnet --bundle my-bundle --without cli,analysis",
    )
    add = parser.add_argument
    add("--output", type=path, required=True, metavar="DIR", help="the folder that has the product's packages")
    add("--package", required=True, metavar="NAME", help="the name to import it by, such as app._vendor.linnet")
    add(
        "--bundle",
        type=path,
        metavar="DIR",
        help="a bundle to put into the package, which load() loads; what this bundle does not need is left out",
    )
    add(
        "--without",
        type=_names,
        default=(),
        metavar="NAME,…",
        help="parts to leave out too, such as cli,analysis,frames",
    )
    return parser


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(","))


def _vendor() -> Run:
    from linnet_export.cli.vendor import run_vendor

    return run_vendor


def _kit() -> Run:
    from linnet_export.cli.kit import run_kit

    return run_kit
