"""The commands ``linnet-export keygen`` and ``linnet-export sign``."""

import argparse
import getpass
import os
import sys

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from linnet.cli.command import DONE
from linnet.errors import InputError
from linnet.names import SIGNATURE
from linnet.notes import tell

from linnet_export.signing.keys import PassphraseNeededError, make_keys, read_private_key
from linnet_export.signing.names import PASSPHRASE
from linnet_export.signing.signature import sign


def run_keygen(args: argparse.Namespace) -> int:
    """Writes a key pair, prints its fingerprint, and returns the exit status."""
    passphrase = os.environ.get(PASSPHRASE) or (_new_passphrase() if args.passphrase else None)
    public, file = make_keys(args.output, args.curve, passphrase)
    print(f"private key: {args.output} ({'encrypted' if passphrase else 'not encrypted'}; keep it secret)")
    print(f"public key: {file} (give it to those who check your bundles)")
    print(f"fingerprint: {public.fingerprint}")
    return DONE


def run_sign(args: argparse.Namespace) -> int:
    """Signs a bundle, prints the key's fingerprint, and returns the exit status."""
    if args.key.resolve().is_relative_to(args.bundle.resolve()):
        raise InputError(f"{args.key} is in the bundle's folder, and would be passed on with it: move it away")
    public, others = sign(args.bundle, _private_key(args), overwrite=args.overwrite)
    for name in others:
        tell(f"note: {args.bundle / name} is signed too, though it is not in the bundle's manifest")
    print(f"{args.bundle / SIGNATURE}: signed by the key {public.fingerprint}")
    return DONE


def _private_key(args: argparse.Namespace) -> EllipticCurvePrivateKey:
    """Returns the private key; asks for its passphrase where somebody can answer."""
    passphrase = os.environ.get(PASSPHRASE) or None
    try:
        return read_private_key(args.key, passphrase)
    except PassphraseNeededError:
        if not (sys.stdin and sys.stdin.isatty()):
            raise
        return read_private_key(args.key, getpass.getpass(f"passphrase of {args.key}: "))


def _new_passphrase() -> str:
    if not (sys.stdin and sys.stdin.isatty()):
        raise InputError(f"--passphrase asks on a terminal, and there is none: set {PASSPHRASE} to the passphrase")
    found = getpass.getpass("new passphrase: ")
    if not found or getpass.getpass("again: ") != found:
        raise InputError("expected one passphrase twice, found two: run the command again")
    return found
