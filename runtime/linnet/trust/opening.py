"""Opens a bundle that must meet what the caller demands: a signature of a key, or a digest."""

from pathlib import Path

from ..bundle.demands import Demands
from ..bundle.folder import Folder
from ..bundle.integrity import expect_digest
from ..bundle.manifest import parse_manifest
from ..bundle.opening import Bundle, bundle_in, default_bundle, open_bundle
from ..errors import InputError
from ..fields import naming
from .checking import check_signature
from .keys import Key, PublicKey, key_content


def open_trusted(
    path: str | Path | None = None, *, key: Key | None = None, digest: str | None = None, verify: str | None = None
) -> Bundle:
    """Opens and verifies the bundle in the folder ``path``, or the embedded default.

    Args:
        path: the bundle's folder; None opens the embedded default.
        key: the public key that must have signed the bundle: the path of a PEM file, or the content of one. It may
            not come from the bundle's folder.
        digest: the digest that the bundle must have: 64 hexadecimal digits, as ``linnet info --digest`` prints them.
        verify: ``full`` to hash every file, also the weights; ``once`` to hash the weights again only if their file
            seems changed since this process hashed it. By default ``full`` if a key or a digest is given; without
            both, only the size of the weights is checked.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleIntegrityError: a file is missing, truncated or altered, or the digest is another.
        BundleFormatError: the bundle's format is not supported, or its settings are invalid.
        BundleSignatureError: there is no signature of the key, or a file is not signed.
        InputError: the key, the digest or ``verify`` cannot be used.
        MissingPackageError: a key is given, and `cryptography` is not installed.
    """
    place = default_bundle() if path is None else Path(path)
    pem = None if key is None else public_key(key, place).pem
    return open_meeting(Demands(pem, digest, verify), place)


def public_key(key: Key, folder: Path) -> PublicKey:
    """Returns the public key that a caller gives for the bundle in ``folder``.

    Raises:
        InputError: it is in the bundle's folder, or cannot be used.
        MissingPackageError: `cryptography` is not installed.
    """
    if not isinstance(key, bytes) and Path(key).resolve().is_relative_to(folder.resolve()):
        raise InputError(
            f"{key} is in the bundle's folder: who alters the bundle can alter it too; "
            "name a copy that you got from who signed the bundle"
        )
    content = key_content(key)
    try:
        return PublicKey(content)
    except InputError as error:
        raise error if isinstance(key, bytes) else InputError(f"{key}: {error}") from None


def open_meeting(demands: Demands, path: str | Path | None = None) -> Bundle:
    """Opens the bundle in the folder ``path``, or the embedded default, which must meet ``demands``.

    The signature is checked before any other file is read. Raises what `open_trusted` raises.
    """
    if not demands.strict:
        return open_bundle(path)
    key = None if demands.key is None else PublicKey(demands.key)
    place = default_bundle() if path is None else Path(path)
    with naming(place):
        folder = Folder(place)
        signed = check_signature(folder, key) if key else None
        content = folder.manifest()
        if signed:
            signed.check_manifest(content)
        expect_digest(place, content, demands.digest)
        manifest = parse_manifest(content)
        if signed:
            signed.check_listed(manifest)
            signed.check_others(manifest)
        return bundle_in(folder, content, manifest, demands, signed.fingerprint if signed else None)
