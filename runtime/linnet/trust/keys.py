"""Public keys. The only module that imports `cryptography`, which checks the signatures themselves."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..extras import needed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

Key = str | Path | bytes
"""A public key: the path of a PEM file, or the content of one."""

CURVES = ("secp256r1", "secp384r1", "secp521r1")
"""NIST's P-256, P-384 and P-521, the curves of OpenSSF Model Signing."""

_LARGEST = 1 << 16  # bytes of a PEM file
_REMEDY = "name the file of a public key, such as the KEY.pub that linnet-export keygen writes"


class PublicKey:
    """A public key that checks signatures (ECDSA).

    ``pem`` is the key's PEM form; ``fingerprint`` is the sha256 of it, in hexadecimal.

    Raises:
        InputError: ``content`` is no PEM file of one public key on one of these curves.
        MissingPackageError: `cryptography` is not installed.
    """

    def __init__(self, content: bytes) -> None:
        key = _parsed(content)
        self._key, self._hash = key, hash_for(key)
        self.pem = _pem(key)
        self.fingerprint = hashlib.sha256(self.pem).hexdigest()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Returns whether the private key that belongs to this one made a signature of a message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

        try:
            self._key.verify(signature, message, ECDSA(self._hash))
        except InvalidSignature:
            return False
        return True


def key_content(key: Key) -> bytes:
    """Returns the content of a key's file, or the content that was given.

    Raises:
        InputError: there is no such file, or it is larger than a key.
    """
    if isinstance(key, bytes):
        return key
    try:
        with Path(key).open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{key}: cannot read the key: {reason}; {_REMEDY}") from None
    if len(content) > _LARGEST:
        raise InputError(f"{key}: expected a key, found more than {_LARGEST} bytes; {_REMEDY}")
    return content


def require_cryptography() -> None:
    """Checks that `cryptography` is installed.

    Raises:
        MissingPackageError: it is not; the message says how to install it.
    """
    with needed("verify"):
        import cryptography  # noqa: F401


def hash_for(key: "EllipticCurvePublicKey") -> "HashAlgorithm":
    """Returns the hash that signatures of a key are made with: SHA-256, SHA-384 or SHA-512, by its curve."""
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

    return {"secp256r1": SHA256(), "secp384r1": SHA384(), "secp521r1": SHA512()}[key.curve.name]


def _parsed(content: bytes) -> "EllipticCurvePublicKey":
    require_cryptography()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if b"PRIVATE KEY-----" in content:
        raise InputError(f"expected a public key, found a private one, which is for signing; {_REMEDY}")
    if (found := content.count(b"-----BEGIN")) != 1:
        raise InputError(f"expected one public key in PEM form (-----BEGIN PUBLIC KEY-----), found {found}; {_REMEDY}")
    try:
        key = load_pem_public_key(content)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(f"expected a public key in PEM form, found {str(error).splitlines()[0]}; {_REMEDY}") from None
    if not isinstance(key, EllipticCurvePublicKey) or key.curve.name not in CURVES:
        kind = key.curve.name if isinstance(key, EllipticCurvePublicKey) else type(key).__name__.strip("_")
        raise InputError(f"expected an elliptic curve key on {', '.join(CURVES)}, found {kind}; {_REMEDY}")
    return key


def _pem(key: "EllipticCurvePublicKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
