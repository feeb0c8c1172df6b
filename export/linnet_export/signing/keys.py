"""Key pairs: made, written, and read again."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from linnet.errors import InputError
from linnet.trust.keys import PublicKey

from linnet_export.signing.names import CURVES, PASSPHRASE

_CURVES = dict(zip(CURVES, (SECP256R1(), SECP384R1(), SECP521R1()), strict=True))

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_LARGEST = 1 << 16  # bytes of a PEM file


def public_half(key: EllipticCurvePrivateKey) -> PublicKey:
    """Returns the public key that belongs to a private one."""
    return PublicKey(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def make_keys(file: Path, curve: str, passphrase: str | None) -> tuple[PublicKey, Path]:
    """Writes a new private key to a file that only its owner can read, and the public key to ``FILE.pub``.

    Args:
        file: where the private key goes, as PEM (PKCS 8).
        curve: a name in `CURVES`.
        passphrase: encrypts the private key; None leaves it as it is.

    Returns:
        The public key and its file.

    Raises:
        InputError: one of the files exists, or cannot be written.
    """
    key = generate_private_key(_CURVES[curve])
    hidden: KeySerializationEncryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    private, public = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden), public_half(key)
    public_file = file.with_name(f"{file.name}.pub")
    if public_file.exists():  # before the private key is written, which would be of no use
        raise _taken(public_file)
    _write_new(file, private, 0o600)
    try:
        _write_new(public_file, public.pem, 0o644)
    except BaseException:
        file.unlink()
        raise
    return public, public_file


def read_private_key(file: Path, passphrase: str | None) -> EllipticCurvePrivateKey:
    """Returns the private key in a PEM file.

    Raises:
        PassphraseNeededError: it is encrypted, and there is no passphrase.
        InputError: the file cannot be read, is no such key, or has another passphrase.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST)
    except OSError as error:
        raise InputError(f"{file}: cannot read the key: {error.strerror}; linnet-export keygen makes one") from None
    try:
        key = load_pem_private_key(content, passphrase.encode() if passphrase else None)
    except TypeError as error:
        if passphrase is None:
            raise PassphraseNeededError(
                f"{file} is encrypted: set {PASSPHRASE} to its passphrase, or sign from a terminal, which asks for it"
            ) from None
        raise InputError(f"{file}: {error}; unset {PASSPHRASE}") from None
    except (ValueError, UnsupportedAlgorithm):
        wrong = "another passphrase, or " if passphrase else ""
        raise InputError(
            f"{file}: expected a private key in PEM form, found {wrong}something else; linnet-export keygen makes one"
        ) from None
    if not isinstance(key, EllipticCurvePrivateKey) or key.curve.name not in {each.name for each in _CURVES.values()}:
        raise InputError(f"{file}: expected a key on {', '.join(CURVES)}; linnet-export keygen makes one")
    return key


class PassphraseNeededError(InputError):
    """A private key is encrypted, and no passphrase was given."""


def _write_new(file: Path, content: bytes, mode: int) -> None:
    """Writes a file that does not exist yet, and removes it again if that fails."""
    try:
        stream = os.fdopen(os.open(file, _FRESH, mode), "wb")
    except FileExistsError:
        raise _taken(file) from None
    except OSError as error:
        raise InputError(f"cannot write {file}: {error.strerror}; name another file") from None
    try:
        with stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        file.unlink()
        raise


def _taken(file: Path) -> InputError:
    return InputError(f"{file} exists, and keys are never overwritten: name another file")
