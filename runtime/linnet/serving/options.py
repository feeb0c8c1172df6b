"""The settings of a server."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?")
"""What a model may be called: as on the hub, with or without an owner."""
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""What a version may be called."""
LATEST = "latest"
"""Stands for the version that takes a model's traffic."""
DEFAULT_NAME = "default"
"""The name of a bundle that is given without one."""


@dataclass(frozen=True)
class Given:
    """A bundle on the command line."""

    name: str
    version: str | None
    """None for the first digits of the bundle's digest."""
    path: Path | None
    """None for the embedded default."""


@dataclass(frozen=True)
class Limits:
    """What bounds the memory and the time that clients can take."""

    body: int = 2_000_000
    """The most bytes of a request's body."""
    texts: int = 1024
    """The most texts of a request."""
    queue: int = 65_536
    """The most tokens that wait or run; further requests get 429."""
    bodies: int = 64_000_000
    """The most bytes of all bodies that are held at once."""
    token_vectors: int = 4096
    """The most tokens of a request that asks for a vector of each."""
    explanations: int = 4
    """The most explanations at once."""
    timeout: float = 30.0
    """Seconds after which a request is given up, and within which a body must be complete."""
    header_timeout: float = 10.0
    """Seconds within which the head of a request must be complete."""
    header_bytes: int = 32_768
    """The most bytes of a request's head."""
    connections: int = 1024
    """The most connections at once."""


@dataclass(frozen=True)
class Options:
    """A server as the command line describes it."""

    models: tuple[Given, ...]
    host: str = "127.0.0.1"
    port: int = 8080
    threads: int | None = None
    limits: Limits = field(default_factory=Limits)
    keys: Path | None = None
    """The file with the hashes of the clients' keys; None serves everybody who reaches the address."""
    admin: Path | None = None
    """The file with the hash of the admin token; None switches administration off."""
    origins: tuple[str, ...] = ()
    """The origins whose pages may call this server, beside its own."""
    key: Path | None = None
    """The public key that must have signed every bundle; None takes unsigned ones."""
    smoke: Path | None = None
    """Texts with known answers, which a version must give before it takes traffic."""
    reference: Path | None = None
    """The expected share of each label, by model."""
    logs: bool = True
    """True to log every request."""


def parse_given(argument: str) -> Given:
    """Returns the bundle that ``NAME@VERSION=DIR``, ``NAME=DIR`` or ``DIR`` stands for.

    Raises:
        InputError: a name or a version cannot be used.
    """
    name, sign, folder = argument.partition("=")
    if not sign:
        return Given(DEFAULT_NAME, None, Path(argument))
    name, sign, version = name.partition("@")
    if not NAME.fullmatch(name) or (sign and not VERSION.fullmatch(version)) or version == LATEST or not folder:
        raise InputError(
            f"expected NAME=DIR or NAME@VERSION=DIR, of letters, digits, dots, dashes and underscores, found {argument!r}; "
            f"{LATEST} names the version that takes the traffic"
        )
    return Given(name, version if sign else None, Path(folder))
