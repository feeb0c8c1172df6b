"""Signs a bundle's files: a statement in a DSSE envelope in a Sigstore bundle, as OpenSSF Model Signing 1.0 says."""

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from linnet.bundle.entries import entries
from linnet.bundle.opening import Bundle
from linnet.errors import InputError
from linnet.names import MANIFEST, SIGNATURE
from linnet.system.files import bytes_written_whole
from linnet.trust.checking import signed_statement
from linnet.trust.envelope import MEDIA_TYPE, PAYLOAD_TYPE, pre_authentication
from linnet.trust.keys import PublicKey, hash_for
from linnet.trust.opening import open_trusted
from linnet.trust.statement import HASH, METHOD, NOT_SIGNED, PREDICATE_TYPE, STATEMENT_TYPE, root_digest

from linnet_export.signing.keys import public_half


def sign(folder: Path, key: EllipticCurvePrivateKey, *, overwrite: bool = False) -> tuple[PublicKey, list[str]]:
    """Writes the signature of the bundle in a folder, whole or not at all, after all files were verified.

    With ``overwrite``, replaces an earlier signature.

    Returns:
        The public key, and the signed files that the bundle's manifest does not list.

    Raises:
        BundleError: the folder has no bundle whose files are as its manifest says.
        InputError: there is a signature already, a file is a link, or the signature cannot be written.
    """
    bundle = open_trusted(folder, verify="full")
    if (folder / SIGNATURE).exists() and not overwrite:
        raise InputError(f"{folder} is signed already: replace {SIGNATURE} with --overwrite")
    digests = _digests(bundle)
    public = public_half(key)
    content = _signature(_statement(folder, digests), key, public)
    signed_statement(content, public, folder)  # what cannot be read again is not written
    with bytes_written_whole(folder / SIGNATURE) as stream:
        stream.write(content)
    listed = {MANIFEST, *(record.path for record in bundle.manifest.files)}
    return public, [name for name in digests if name not in listed]


def _digests(bundle: Bundle) -> dict[str, str]:
    """Returns the sha256 of each file to sign, in the order of the statement."""
    known = {MANIFEST: bundle.digest} | {record.path: record.sha256 for record in bundle.manifest.files}
    found: dict[str, str] = {}
    for name, is_link in sorted(entries(bundle.folder)):
        if name == SIGNATURE or name.partition("/")[0] in NOT_SIGNED:
            continue
        if is_link:
            raise InputError(
                f"{bundle.path / name} is a link: copy the bundle with its files (cp -rL), and sign the copy"
            )
        found[name] = known[name] if name in known else bundle.folder.record(name).sha256
    return found


def _statement(folder: Path, digests: dict[str, str]) -> bytes:
    return _json(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": folder.resolve().name or "bundle", "digest": {HASH: root_digest(digests.values())}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "resources": [{"name": name, "digest": digest, "algorithm": HASH} for name, digest in digests.items()],
                "serialization": {
                    "method": METHOD,
                    "hash_type": HASH,
                    "allow_symlinks": False,
                    "ignore_paths": [*NOT_SIGNED, SIGNATURE],
                },
            },
        }
    )


def _signature(payload: bytes, key: EllipticCurvePrivateKey, public: PublicKey) -> bytes:
    """Returns the content of the signature: without white space, so that no byte of it can change unnoticed."""
    signature = key.sign(pre_authentication(payload), ECDSA(hash_for(key.public_key())))
    return _json(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {"publicKey": {"hint": public.fingerprint}, "tlogEntries": []},
            "dsseEnvelope": {
                "payload": base64.b64encode(payload).decode(),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
            },
        }
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
