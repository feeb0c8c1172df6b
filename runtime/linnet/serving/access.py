"""Who may ask: keys, of which only the hashes are kept, and the admin token."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import InputError
from .failures import RequestError

_LINE = re.compile(r"(?:([A-Za-z0-9._-]+):)?([0-9a-f]{64})")

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""The names of this machine that only this machine can reach."""


class Keys:
    """The keys in a file: on each line ``NAME:SHA256`` or ``SHA256``, the hash of a key; ``#`` starts a comment.

    Raises:
        InputError: the file cannot be read, has no key, or a line is something else.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._hashes = self._read()

    def reload(self) -> None:
        """Reads the file again.

        Raises:
            InputError: it cannot be used; the keys stay as they are.
        """
        self._hashes = self._read()

    def accept(self, key: str) -> bool:
        """Returns whether a key is one of the file's. The time does not depend on which, or on how much fits."""
        given = sha256(key)
        fits = [hmac.compare_digest(given, known) for known in self._hashes]
        return any(fits)

    def _read(self) -> list[str]:
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"{self._file}: expected a file of keys, in UTF-8: {why}") from None
        found = []
        for number, line in enumerate(lines, 1):
            if not (content := line.partition("#")[0].strip()):
                continue
            if not (match := _LINE.fullmatch(content)):
                raise InputError(
                    f"{self._file}, line {number}: expected NAME:SHA256, the hash of a key: "
                    'printf %s "$KEY" | sha256sum shows it'
                )
            found.append(match[2])
        if not found:
            raise InputError(f"{self._file}: expected at least one key, found none")
        return found


def sha256(key: str) -> str:
    """Returns the hash of a key, in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def new_key() -> str:
    """Returns a random key of 256 bits."""
    return secrets.token_urlsafe(32)


class Access:
    """Decides which requests are answered.

    Args:
        keys: the clients' keys; None lets everybody ask.
        admin: the admin token; None lets nobody administer.
        host: the address that the server listens on.
        origins: the origins whose pages may ask, beside the server's own.
    """

    def __init__(self, keys: Keys | None, admin: Keys | None, host: str, origins: Iterable[str]) -> None:
        self._keys, self._admin = keys, admin
        self._loopback = host in LOOPBACK
        self.origins = frozenset(origins)

    def reload(self) -> None:
        """Reads the files again.

        Raises:
            InputError: a file cannot be used; its keys stay as they are.
        """
        for keys in (self._keys, self._admin):
            if keys:
                keys.reload()

    def check(self, needs: str, authorization: str, origin: str | None, host: str) -> None:
        """Checks a request.

        Args:
            needs: ``open``, ``key`` or ``admin``.
            authorization: the header; empty if there is none.
            origin: the header, which browsers send; None if there is none.
            host: the header.

        Raises:
            RequestError: the request is not answered.
        """
        self._check_origin(origin, host)
        if needs == "open" or (needs == "key" and self._keys is None):
            return
        scheme, _, given = authorization.partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
        if needs == "admin" and self._admin is None:
            raise RequestError(
                "forbidden",
                "administration is off: start the server with --admin FILE, which has the hash of the admin token",
            )
        known = self._admin if needs == "admin" else self._keys
        assert known
        if not given:
            raise RequestError("unauthorized", "expected a header Authorization: Bearer KEY, found none")
        if not known.accept(given):
            raise RequestError("unauthorized", "the key is not known here")

    def _check_origin(self, origin: str | None, host: str) -> None:
        """Refuses pages of other origins.

        On the loopback, where there may be no keys, an origin must also have a name of this machine: a page may have
        given itself a name that now means this machine.
        """
        if origin is None or origin in self.origins:
            return
        try:
            parts = urlsplit(origin)
            name, own = parts.hostname, parts.netloc == host
        except ValueError:
            name, own = None, False
        if not own or (self._loopback and name not in LOOPBACK):
            raise RequestError(
                "forbidden", "pages of this origin may not ask here: the server was not started to let them"
            )
