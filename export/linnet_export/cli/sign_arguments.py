"""Declares the commands ``linnet-export keygen`` and ``linnet-export sign``."""

from linnet.cli.command import Commands, Run, add_command, path

from linnet_export.signing.names import CURVES, PASSPHRASE


def add_keygen(commands: Commands) -> None:
    """Declares ``keygen``."""
    add = add_command(
        commands,
        "keygen",
        "make a key pair for signing bundles",
        _keygen,
        "linnet-export keygen --output signer.pem",
    ).add_argument
    add(
        "--output",
        type=path,
        required=True,
        metavar="KEY",
        help="the file for the private key, which only you can read; the public key goes to KEY.pub",
    )
    add("--curve", choices=CURVES, default=CURVES[0], help=f"the elliptic curve of the key (default: {CURVES[0]})")
    add(
        "--passphrase",
        action="store_true",
        help=f"encrypt the private key with a passphrase: ${PASSPHRASE} if it is set, also without this option, "
        "else asked on the terminal",
    )
    add("--debug", action="store_true", help="print the traceback of an error, to report it")


def add_sign(commands: Commands) -> None:
    """Declares ``sign``."""
    add = add_command(
        commands,
        "sign",
        "verify a bundle and sign every file in its folder (OpenSSF Model Signing)",
        _sign,
        "linnet-export sign my-bundle --key signer.pem",
    ).add_argument
    add("bundle", type=path, metavar="DIR", help="the bundle; its signature is the file model.sig in it")
    add(
        "--key",
        type=path,
        required=True,
        metavar="KEY",
        help=f"the private key, a PEM file outside the bundle; its passphrase is ${PASSPHRASE}, else asked",
    )
    add("--overwrite", action="store_true", help="replace the signature that the bundle has")
    add("--debug", action="store_true", help="print the traceback of an error, to report it")


def _keygen() -> Run:
    from linnet_export.cli.sign import run_keygen

    return run_keygen


def _sign() -> Run:
    from linnet_export.cli.sign import run_sign

    return run_sign
