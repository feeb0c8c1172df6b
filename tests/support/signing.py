"""Signs folders as the specification of OpenSSF Model Signing 1.0 says, with none of Linnet's code.

Needs `cryptography`, which tests without it skip.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

try:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec as ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
except ImportError:
    import pytest

    pytest.skip("signatures are checked with cryptography, which is not installed", allow_module_level=True)

HASHES = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
IGNORED = (".git", ".gitattributes", ".github", ".gitignore")


def key_of(number: int = 1, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """A key that is the same in each run; another number is another key."""
    return ec.derive_private_key(1_000_003 + number, curve or ec.SECP256R1())


def public_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def fingerprint(key: ec.EllipticCurvePrivateKey) -> str:
    return hashlib.sha256(public_pem(key)).hexdigest()


def statement_of(folder: Path) -> dict[str, Any]:
    """The statement about all files in a folder but its signature and git's."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    kept = sorted(name for name in files if name != "model.sig" and name.split("/")[0] not in IGNORED)
    digests = [hashlib.sha256(files[name].read_bytes()) for name in kept]
    root = hashlib.sha256(b"".join(digest.digest() for digest in digests)).hexdigest()
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": folder.name, "digest": {"sha256": root}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "resources": [
                {"name": name, "digest": digest.hexdigest(), "algorithm": "sha256"}
                for name, digest in zip(kept, digests, strict=True)
            ],
            "serialization": {
                "method": "files",
                "hash_type": "sha256",
                "allow_symlinks": False,
                "ignore_paths": ["model.sig", *IGNORED],
            },
        },
    }


def rooted(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement with the right digest of its subject."""
    digests = b"".join(bytes.fromhex(entry["digest"]) for entry in statement["predicate"]["resources"])
    statement["subject"][0]["digest"] = {"sha256": hashlib.sha256(digests).hexdigest()}
    return statement


def envelope_of(payload: bytes, key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The Sigstore bundle with a payload that a key signed."""
    kind = "application/vnd.in-toto+json"
    message = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    signature = key.sign(message, ec.ECDSA(HASHES[key.curve.key_size]))
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": fingerprint(key)}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": kind,
            "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
        },
    }


def write_signature(folder: Path, key: ec.EllipticCurvePrivateKey, statement: Mapping[str, Any] | None = None) -> Path:
    """Signs the folder, or another statement; returns the signature's file. No byte of it is white space."""
    payload = json.dumps(statement_of(folder) if statement is None else statement, separators=(",", ":")).encode()
    file = folder / "model.sig"
    file.write_bytes(json.dumps(envelope_of(payload, key), separators=(",", ":")).encode())
    return file
