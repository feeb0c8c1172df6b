"""The content of ``model.sig`` → the signed statement, and its signature, which is not checked yet.

A Sigstore bundle (JSON) holds a DSSE envelope, as OpenSSF Model Signing 1.0 says:
https://github.com/ossf/model-signing-spec/blob/main/spec/v1.0.md
"""

import base64
import binascii
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BundleFormatError
from ..fields import field, malformed, optional_field, parse_object, shown
from ..names import SIGNATURE

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class Envelope:
    """A statement and its signature, in bytes, and the fingerprint of the key that is said to have signed it."""

    payload: bytes
    signature: bytes
    hint: str | None

    @property
    def message(self) -> bytes:
        """What is signed."""
        return pre_authentication(self.payload)


def pre_authentication(payload: bytes) -> bytes:
    """Returns DSSE's pre-authentication encoding of a payload, which binds its type."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def read_envelope(content: bytes) -> Envelope:
    """Reads the content of ``model.sig``.

    Raises:
        BundleFormatError: it is not a bundle with one signature that was made with a key.
    """
    values = parse_object(SIGNATURE, content)
    only(values, ("mediaType", "verificationMaterial", "dsseEnvelope"))
    expect(values, "mediaType", MEDIA_TYPE)
    hint = _hint(field(values, SIGNATURE, "verificationMaterial", dict))
    envelope = field(values, SIGNATURE, "dsseEnvelope", dict)
    only(envelope, ("payload", "payloadType", "signatures"))
    expect(envelope, "payloadType", PAYLOAD_TYPE)
    signatures = field(envelope, SIGNATURE, "signatures", list)
    if len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise malformed(f"{SIGNATURE}: expected one signature, found {shown(signatures)}")
    only(signatures[0], ("sig", "keyid"))
    optional_field(signatures[0], SIGNATURE, "keyid", str)
    return Envelope(_decoded(envelope, "payload"), _decoded(signatures[0], "sig"), hint)


def _hint(material: Mapping[str, Any]) -> str | None:
    """Returns the fingerprint of the key that is said to have signed; None in bundles of version 1.0 and before."""
    if others := sorted(material.keys() & {"certificate", "x509CertificateChain"}):
        raise malformed(
            f"{SIGNATURE}: expected a signature that was made with a key (publicKey), found one that was made with a "
            f"certificate ({others[0]}), which Linnet does not check"
        )
    only(material, ("publicKey", "tlogEntries", "timestampVerificationData"))
    key = field(material, SIGNATURE, "publicKey", dict)
    if "rawBytes" not in key:
        return field(key, SIGNATURE, "hint", str)
    return optional_field(key, SIGNATURE, "hint", str)


def _decoded(values: Mapping[str, Any], key: str) -> bytes:
    """Returns the bytes that a value stands for in base64: in its one form, so that each bit of the file counts."""
    text = field(values, SIGNATURE, key, str)
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not found or base64.b64encode(found).decode() != text:
        raise malformed(f"{SIGNATURE}: expected {key} in base64, found {shown(text)}")
    return found


def only(values: Mapping[str, Any], known: Container[str]) -> None:
    """Checks that an object has no other keys than the known ones."""
    for key in values:
        if key not in known:
            raise malformed(f"{SIGNATURE}: expected no key {shown(key)}, which Linnet does not know")


def expect(values: Mapping[str, Any], key: str, expected: str | bool) -> None:
    """Checks that a key has the expected value."""
    if values.get(key) != expected or type(values.get(key)) is not type(expected):
        raise unexpected(values, key, expected)


def unexpected(values: Mapping[str, Any], key: str, expected: str | bool) -> BundleFormatError:
    """Returns the error for a key that does not have the expected value."""
    return malformed(f"{SIGNATURE}: expected {key} to be {shown(expected)}, found {shown(values.get(key))}")
