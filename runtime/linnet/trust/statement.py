"""The signed payload, an in-toto statement → which files are signed, and their hashes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..bundle.manifest import SHA256, is_inside
from ..fields import field, malformed, optional_field, parse_object, shown
from ..names import SIGNATURE
from .envelope import expect, only

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"

HASH = "sha256"
METHOD = "files"
NOT_SIGNED = (".git", ".gitattributes", ".github", ".gitignore")
"""What signers leave out at the top of a folder, as the specification demands. Linnet never reads it."""


@dataclass(frozen=True)
class Statement:
    """A signed statement about a bundle's files."""

    files: Mapping[str, str]
    """The sha256 of each signed file, in hexadecimal, by its path in the bundle."""
    links: bool
    """True if the signer followed links."""


def read_statement(payload: bytes) -> Statement:
    """Reads the payload of a signature.

    Raises:
        BundleFormatError: it is no statement of OpenSSF Model Signing 1.0, of whole files and their sha256.
    """
    values = parse_object(SIGNATURE, payload)
    only(values, ("_type", "subject", "predicateType", "predicate"))
    expect(values, "_type", STATEMENT_TYPE)
    expect(values, "predicateType", PREDICATE_TYPE)
    predicate = field(values, SIGNATURE, "predicate", dict)
    only(predicate, ("resources", "serialization"))
    links = _links(field(predicate, SIGNATURE, "serialization", dict))
    files = _files(field(predicate, SIGNATURE, "resources", list))
    _check_subject(field(values, SIGNATURE, "subject", list), root_digest(files.values()))
    return Statement(files, links)


def root_digest(digests: Iterable[str]) -> str:
    """Returns the sha256 of the files' sha256 in the order of the statement; all are in hexadecimal."""
    return hashlib.sha256(b"".join(map(bytes.fromhex, digests))).hexdigest()


def _links(values: Mapping[str, Any]) -> bool:
    """Checks how files were hashed; returns whether links were followed."""
    if values.get("method") == "shards":
        raise malformed(
            f"{SIGNATURE}: expected the method {METHOD!r}, found 'shards', which Linnet does not read: "
            "sign whole files, as linnet-export sign does"
        )
    only(values, ("method", "hash_type", "allow_symlinks", "ignore_paths"))
    expect(values, "method", METHOD)
    expect(values, "hash_type", HASH)
    for path in optional_field(values, SIGNATURE, "ignore_paths", list) or ():
        if not isinstance(path, str):
            raise malformed(f"{SIGNATURE}: expected paths in ignore_paths, found {shown(path)}")
    links = values.get("allow_symlinks")
    if not isinstance(links, bool):
        raise malformed(f"{SIGNATURE}: expected allow_symlinks to be true or false, found {shown(links)}")
    return links


def _files(resources: list[Any]) -> dict[str, str]:
    files: dict[str, str] = {}
    for entry in resources:
        if not isinstance(entry, dict):
            raise malformed(f"{SIGNATURE}: expected an object for every file, found {shown(entry)}")
        name, digest = (field(entry, SIGNATURE, key, str) for key in ("name", "digest"))
        expect(entry, "algorithm", HASH)
        if not is_inside(name):
            raise malformed(
                f"{SIGNATURE}: expected paths inside the bundle, in their shortest form, found {shown(name)}"
            )
        if not SHA256.fullmatch(digest):
            raise malformed(f"{SIGNATURE}: expected a sha256 of {shown(name)} in lower case, found {shown(digest)}")
        if name in files:
            raise malformed(f"{SIGNATURE}: expected each file once, found {shown(name)} twice")
        files[name] = digest
    if not files:
        raise malformed(f"{SIGNATURE}: expected signed files, found none")
    # The reference implementation compares paths part by part; the specification compares them as text.
    names = list(files)
    if names not in (sorted(names), sorted(names, key=lambda name: name.split("/"))):
        raise malformed(f"{SIGNATURE}: expected the files in the order of their paths, found another")
    return files


def _check_subject(subjects: list[Any], root: str) -> None:
    if len(subjects) != 1 or not isinstance(subjects[0], dict):
        raise malformed(f"{SIGNATURE}: expected one subject, found {shown(subjects)}")
    if not field(subjects[0], SIGNATURE, "name", str):
        raise malformed(f"{SIGNATURE}: expected a name for the subject, found none")
    digest = field(subjects[0], SIGNATURE, "digest", dict)
    if digest != {HASH: root}:
        raise malformed(f"{SIGNATURE}: expected the subject's digest to be {HASH} {root}, found {shown(digest)}")
