"""The reader of signatures: what it takes of others, and every malformed envelope and statement that it refuses."""

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from linnet.bundle.folder import Folder
from linnet.errors import BundleIntegrityError, BundleSignatureError, InputError
from linnet.trust.checking import check_signature, signed_statement
from linnet.trust.keys import PublicKey
from signing import ec, envelope_of, fingerprint, key_of, private_pem, public_pem, rooted, statement_of, write_signature

KEY = key_of()
PUBLIC = PublicKey(public_pem(KEY))
HERE = Path("bundle")

STATEMENT: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "bundle", "digest": {}}],
    "predicateType": "https://model_signing/signature/v1.0",
    "predicate": {
        "resources": [
            {"name": "a", "digest": "11" * 32, "algorithm": "sha256"},
            {"name": "b/c", "digest": "22" * 32, "algorithm": "sha256"},
        ],
        "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False},
    },
}


STATEMENT = rooted(STATEMENT)


def content(statement: Any = STATEMENT) -> bytes:
    payload = statement if isinstance(statement, bytes) else json.dumps(statement).encode()
    return json.dumps(envelope_of(payload, KEY)).encode()


def changed(values: Any, *path: str | int, to: object) -> Any:
    """A copy with another value at a place."""
    values = copy.deepcopy(values)
    inner = values
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return values


def refused(signature: bytes, match: str) -> None:
    with pytest.raises(BundleSignatureError, match=match):
        signed_statement(signature, PUBLIC, HERE)


def test_what_is_signed_is_read() -> None:
    found = signed_statement(content(), PUBLIC, HERE)
    assert (dict(found.files), found.links) == ({"a": "11" * 32, "b/c": "22" * 32}, False)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: str(curve.name))
def test_every_curve_of_the_specification_is_read(curve: ec.EllipticCurve) -> None:
    key = key_of(1, curve)
    signature = json.dumps(envelope_of(json.dumps(STATEMENT).encode(), key)).encode()
    assert signed_statement(signature, PublicKey(public_pem(key)), HERE).files


ENVELOPE: dict[str, Any] = json.loads(content())
MATERIAL, DSSE = "verificationMaterial", "dsseEnvelope"
ENVELOPES: dict[str, tuple[Any, str]] = {
    "another kind of bundle": (changed(ENVELOPE, "mediaType", to="application/json"), "mediaType"),
    "no kind": ({key: value for key, value in ENVELOPE.items() if key != "mediaType"}, "mediaType"),
    "a wrong payload type": (changed(ENVELOPE, DSSE, "payloadType", to="application/json"), "payloadType"),
    "no envelope": ({key: value for key, value in ENVELOPE.items() if key != DSSE}, "dsseEnvelope to be an object"),
    "no material": ({key: value for key, value in ENVELOPE.items() if key != MATERIAL}, "verificationMaterial to be"),
    "an extra field": ({**ENVELOPE, "extra": 1}, "no key 'extra'"),
    "an extra field of the material": (changed(ENVELOPE, MATERIAL, "extra", to=1), "no key 'extra'"),
    "an extra field of the envelope": (changed(ENVELOPE, DSSE, "extra", to=1), "no key 'extra'"),
    "an extra field of the signature": (changed(ENVELOPE, DSSE, "signatures", 0, "extra", to=1), "no key 'extra'"),
    "no signature": (changed(ENVELOPE, DSSE, "signatures", to=[]), "expected one signature"),
    "several signatures": (
        changed(ENVELOPE, DSSE, "signatures", to=ENVELOPE[DSSE]["signatures"] * 2),
        "expected one signature",
    ),
    "a signature that is no object": (changed(ENVELOPE, DSSE, "signatures", to=["a"]), "expected one signature"),
    "a certificate": (changed(ENVELOPE, MATERIAL, "x509CertificateChain", to={}), "made with a certificate"),
    "a certificate of Sigstore": (changed(ENVELOPE, MATERIAL, "certificate", to={}), "made with a certificate"),
    "no key": (changed(ENVELOPE, MATERIAL, "publicKey", to=None), "publicKey to be an object"),
    "a key without a hint": (changed(ENVELOPE, MATERIAL, "publicKey", to={}), "hint"),
    "a hint that is no text": (changed(ENVELOPE, MATERIAL, "publicKey", to={"hint": 1}), "hint"),
    "another key": (changed(ENVELOPE, MATERIAL, "publicKey", to={"hint": fingerprint(key_of(2))}), "of the key"),
    "an empty payload": (changed(ENVELOPE, DSSE, "payload", to=""), "payload in base64"),
    "an empty signature": (changed(ENVELOPE, DSSE, "signatures", 0, "sig", to=""), "sig in base64"),
    "a signature that is no text": (changed(ENVELOPE, DSSE, "signatures", 0, "sig", to=1), "sig to be a string"),
    "a key id that is no text": (changed(ENVELOPE, DSSE, "signatures", 0, "keyid", to=1), "keyid"),
    "no base64": (changed(ENVELOPE, DSSE, "payload", to="é"), "payload in base64"),
    "base64 with a line break": (changed(ENVELOPE, DSSE, "payload", to=ENVELOPE[DSSE]["payload"] + "\n"), "in base64"),
    "base64 that ends early": (changed(ENVELOPE, DSSE, "payload", to=ENVELOPE[DSSE]["payload"][:-1]), "in base64"),
    "base64 with stray bits": (changed(ENVELOPE, DSSE, "signatures", 0, "sig", to="AB=="), "sig in base64"),
    "base64 for URLs": (changed(ENVELOPE, DSSE, "signatures", 0, "sig", to="-_8="), "sig in base64"),
    "another payload": (changed(ENVELOPE, DSSE, "payload", to=base64.b64encode(b"{}").decode()), "is not of the key"),
    "a signature that is no DER": (changed(ENVELOPE, DSSE, "signatures", 0, "sig", to="AAAA"), "is not of the key"),
    "a list": ([ENVELOPE], "expected a JSON object"),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_malformed_envelopes_are_refused(name: str) -> None:
    values, match = ENVELOPES[name]
    refused(json.dumps(values).encode(), match)


def only_files(*files: tuple[object, object], **others: object) -> Any:
    """The statement about other files."""
    resources = [{"name": name, "digest": digest, "algorithm": "sha256"} | others for name, digest in files]
    return changed(STATEMENT, "predicate", "resources", to=resources)


RESOURCES, SERIALIZATION = ("predicate", "resources"), ("predicate", "serialization")
ONE, TWO = "11" * 32, "22" * 32
STATEMENTS: dict[str, tuple[Any, str]] = {
    "another statement": (changed(STATEMENT, "_type", to="https://in-toto.io/Statement/v0.1"), "_type"),
    "another predicate": (
        changed(STATEMENT, "predicateType", to="https://model_signing/Digests/v0.1"),
        "predicateType",
    ),
    "no predicate": (
        {key: value for key, value in STATEMENT.items() if key != "predicate"},
        "predicate to be an object",
    ),
    "an extra field": ({**STATEMENT, "extra": 1}, "no key 'extra'"),
    "an extra field of the predicate": (changed(STATEMENT, "predicate", "extra", to=1), "no key 'extra'"),
    "an extra field of the serialization": (changed(STATEMENT, *SERIALIZATION, "extra", to=1), "no key 'extra'"),
    "shards": (changed(STATEMENT, *SERIALIZATION, "method", to="shards"), "does not read: sign whole files"),
    "another method": (changed(STATEMENT, *SERIALIZATION, "method", to="tensors"), "method"),
    "another hash": (changed(STATEMENT, *SERIALIZATION, "hash_type", to="blake2b"), "hash_type"),
    "another hash of a file": (only_files(("a", ONE), algorithm="blake3"), "algorithm"),
    "links neither true nor false": (changed(STATEMENT, *SERIALIZATION, "allow_symlinks", to=0), "allow_symlinks"),
    "ignored numbers": (changed(STATEMENT, *SERIALIZATION, "ignore_paths", to=[1]), "ignore_paths"),
    "no subject": (changed(STATEMENT, "subject", to=[]), "expected one subject"),
    "two subjects": (changed(STATEMENT, "subject", to=STATEMENT["subject"] * 2), "expected one subject"),
    "a subject without a name": (changed(STATEMENT, "subject", 0, "name", to=""), "name"),
    "a subject that does not match": (
        changed(STATEMENT, "subject", 0, "digest", to={"sha256": ONE}),
        "subject's digest",
    ),
    "a subject with another hash": (changed(STATEMENT, "subject", 0, "digest", to={"sha512": ONE}), "subject's digest"),
    "no files": (changed(STATEMENT, *RESOURCES, to=[]), "expected signed files"),
    "files that are no list": (changed(STATEMENT, *RESOURCES, to={}), "resources"),
    "a file that is no object": (changed(STATEMENT, *RESOURCES, to=["a"]), "an object for every file"),
    "a number as a name": (only_files((1, ONE)), "name"),
    "a path that leaves the folder": (only_files(("../a", ONE)), "inside the bundle"),
    "a path that leaves the folder later": (only_files(("a/../../b", ONE)), "inside the bundle"),
    "an absolute path": (only_files(("/etc/passwd", ONE)), "inside the bundle"),
    "a path of Windows": (only_files(("C:\\a", ONE)), "inside the bundle"),
    "a path in a longer form": (only_files(("./a", ONE)), "inside the bundle"),
    "an empty path": (only_files(("", ONE)), "inside the bundle"),
    "a path with a NUL": (only_files(("a\0b", ONE)), "inside the bundle"),
    "a very long path": (only_files(("a" * 300, ONE)), "inside the bundle"),
    "a digest in upper case": (only_files(("a", "AA" * 32)), "lower case"),
    "a short digest": (only_files(("a", "11")), "lower case"),
    "a file twice": (only_files(("a", ONE), ("a", ONE)), "twice"),
    "unsorted files": (only_files(("b", ONE), ("a", TWO)), "order of their paths"),
    "a number": (3, "expected a JSON object"),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_malformed_statements_are_refused_though_they_are_signed(name: str) -> None:
    values, match = STATEMENTS[name]
    refused(content(values), match)


RAW = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"a": "\xff"}',
    "a key twice": b'{"mediaType": 1, "mediaType": 1}',
    "deep JSON": b'{"a":' + b"[" * 100_000,
    "a number without end": b'{"a": ' + b"1" * 100_000 + b"}",
    "infinity": b'{"a": 1e999}',
    "a lone surrogate": b'{"a": "\\ud800"}',
}


@pytest.mark.parametrize("name", RAW)
def test_malformed_json_is_refused_inside_and_outside(name: str) -> None:
    refused(RAW[name], "expected JSON")
    if RAW[name]:
        refused(content(RAW[name]), "expected JSON")


def test_a_key_twice_in_a_signed_statement_is_refused() -> None:
    payload = json.dumps(STATEMENT)
    refused(content(payload.replace('"a"', '"a", "name": "a"', 1).encode()), "twice")


def test_a_huge_signature_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "model.sig").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(BundleIntegrityError, match=r"model\.sig: expected at most 4194304 bytes"):
        check_signature(Folder(tmp_path), PUBLIC)


@pytest.mark.parametrize("keyid", [None, "", "a"])
def test_a_key_id_says_nothing(keyid: str | None) -> None:
    assert signed_statement(
        json.dumps(changed(ENVELOPE, DSSE, "signatures", 0, "keyid", to=keyid)).encode(), PUBLIC, HERE
    )


def test_what_the_specification_allows_is_read() -> None:
    """Bundles of version 1.0 have the key itself, and no ignored paths; fields of a file may be unknown."""
    old = changed(ENVELOPE, MATERIAL, to={"publicKey": {"rawBytes": "", "keyDetails": "PKIX_ECDSA_P256_SHA_256"}})
    assert signed_statement(json.dumps(old).encode(), PUBLIC, HERE)
    assert signed_statement(content(rooted(changed(STATEMENT, *RESOURCES, 0, "mediaType", to="x"))), PUBLIC, HERE)


def test_files_may_be_in_the_order_of_the_reference_implementation() -> None:
    """It compares paths part by part, so that ``a/b`` comes before ``a-b``."""
    for names in (["a-b", "a/b"], ["a/b", "a-b"]):
        statement = rooted(only_files(*((name, ONE) for name in names)))
        assert list(signed_statement(content(statement), PUBLIC, HERE).files) == names


UNUSABLE: dict[str, tuple[bytes, str]] = {
    "a private key": (private_pem(KEY), "found a private one"),
    "nothing": (b"", "expected one public key"),
    "two keys": (public_pem(KEY) * 2, "expected one public key"),
    "damaged": (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "PEM form"),
    "another curve": (public_pem(key_of(1, ec.SECP256K1())), "found secp256k1"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_unusable_keys_are_named(name: str) -> None:
    pem, match = UNUSABLE[name]
    with pytest.raises(InputError, match=match):
        PublicKey(pem)


def test_a_key_of_another_kind_is_named() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InputError, match="elliptic curve key on secp256r1, secp384r1, secp521r1, found Ed25519"):
        PublicKey(pem)


def test_a_key_of_another_curve_is_refused() -> None:
    without_hint = changed(ENVELOPE, MATERIAL, to={"publicKey": {"rawBytes": ""}})
    for curve in (ec.SECP384R1(), ec.SECP521R1()):
        with pytest.raises(BundleSignatureError, match="is not of the key"):
            signed_statement(json.dumps(without_hint).encode(), PublicKey(public_pem(key_of(1, curve))), HERE)


def test_the_statement_of_a_folder_is_read(tiny_copy: Path, replace: Callable[[Path, bytes], None]) -> None:
    write_signature(tiny_copy, KEY)
    found = check_signature(Folder(tiny_copy), PUBLIC)
    assert set(found.statement.files) == {entry["name"] for entry in statement_of(tiny_copy)["predicate"]["resources"]}
