"""An opened folder and a public key → the files that the key's owner signed, compared with those in the folder."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..bundle.entries import entries
from ..bundle.folder import Folder
from ..bundle.manifest import FileRecord, Manifest
from ..errors import BundleFormatError, BundleSignatureError
from ..fields import shown, without_remedy
from ..names import MANIFEST, SIGNATURE
from .envelope import read_envelope
from .keys import PublicKey
from .statement import NOT_SIGNED, Statement, read_statement

_REMEDY = "do not use this bundle; get it again from who signed it"
_MOST_NAMED = 5  # files in a message


@dataclass(frozen=True)
class Signed:
    """What a key signed of the bundle in a folder."""

    folder: Folder
    statement: Statement
    fingerprint: str

    def check_manifest(self, content: bytes) -> None:
        """Checks that a manifest's content is the signed one.

        Raises:
            BundleIntegrityError: it is not.
        """
        listed = FileRecord(MANIFEST, len(content), self.statement.files[MANIFEST])
        self.folder.expect(listed, hashlib.sha256(content).hexdigest())

    def check_listed(self, manifest: Manifest) -> None:
        """Checks that the manifest, whose content is signed, has the files that are signed; opens none of them.

        Raises:
            BundleSignatureError: a file is not signed, or was signed with another content.
        """
        for record in manifest.files:
            if self.statement.files.get(record.path) != record.sha256:
                raise BundleSignatureError(
                    f"{self.folder.path}: {MANIFEST} and {SIGNATURE} disagree about {record.path}: expected the sha256 "
                    f"{record.sha256}, found {self.statement.files.get(record.path, 'none')} signed; {_REMEDY}"
                )

    def check_others(self, manifest: Manifest) -> list[FileRecord]:
        """Hashes the signed files that the manifest does not list; returns their records.

        Raises:
            BundleIntegrityError: a file was altered.
        """
        listed = {MANIFEST, *(record.path for record in manifest.files)}
        others = [self.folder.record(name) for name in self.statement.files if name not in listed]
        for found in others:
            self.folder.expect(FileRecord(found.path, found.size, self.statement.files[found.path]), found.sha256)
        return others


def check_signature(folder: Folder, key: PublicKey) -> Signed:
    """Checks the signature in a folder, and that every file there is signed; hashes no file.

    Raises:
        BundleSignatureError: there is no signature of this key, or it cannot be read; a file is missing or not signed.
    """
    content = folder.signature()
    if content is None:
        raise BundleSignatureError(
            f"{folder.path}: expected a signature of the key {key.fingerprint}, found no {SIGNATURE}; "
            "get the signed bundle, or sign this one with linnet-export sign"
        )
    statement = signed_statement(content, key, folder.path)
    _check_present(folder, statement)
    return Signed(folder, statement, key.fingerprint)


def signed_statement(content: bytes, key: PublicKey, folder: Path) -> Statement:
    """Returns what a key signed in the ``content`` of a signature; ``folder`` is for the message.

    Raises:
        BundleSignatureError: it is not a signature of this key, or it cannot be read.
    """
    try:
        envelope = read_envelope(content)
        if envelope.hint not in (None, key.fingerprint):
            raise BundleSignatureError(
                f"{folder}: expected a signature of the key {key.fingerprint}, found one of the key "
                f"{shown(envelope.hint)}; give the public key of who signed it, or do not use this bundle"
            )
        if not key.verifies(envelope.signature, envelope.message):
            raise BundleSignatureError(
                f"{folder}: the signature in {SIGNATURE} is not of the key {key.fingerprint}, or was altered; {_REMEDY}"
            )
        return read_statement(envelope.payload)
    except BundleFormatError as error:
        raise BundleSignatureError(f"{folder}: {without_remedy(error)}; {_REMEDY}") from None


def _check_present(folder: Folder, statement: Statement) -> None:
    """Checks that the signed files, and no others, are in the folder."""
    missing, strange = set(statement.files), list[str]()
    for name, is_link in entries(folder):
        missing.discard(name)
        if name == SIGNATURE:
            continue
        if name not in statement.files:
            if name.partition("/")[0] not in NOT_SIGNED:
                strange.append(name)
                if len(strange) > _MOST_NAMED:
                    break
        elif is_link and not statement.links:
            raise BundleSignatureError(
                f"{folder.path / name}: expected a file, as it was signed, found a link; copy the bundle with its files"
            )
    if strange:
        raise BundleSignatureError(
            f"{folder.path}: expected only signed files, found {_named(sorted(strange))}; "
            "move them out of this folder, or get the bundle again"
        )
    if missing or MANIFEST not in statement.files:
        lost = missing or {MANIFEST}
        raise BundleSignatureError(
            f"{folder.path}: expected all signed files, {_named(sorted(lost))} missing; {_REMEDY}"
        )


def _named(names: list[str]) -> str:
    shown_names = [shown(name) for name in names[:_MOST_NAMED]]
    return ", ".join(shown_names) + (" and more" if len(names) > _MOST_NAMED else "")
