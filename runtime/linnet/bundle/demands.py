"""What a caller demands of a bundle before it is used."""

import re
from dataclasses import dataclass

from ..errors import InputError
from ..fields import shown

FULL, ONCE = "full", "once"

_DIGEST = re.compile("[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Demands:
    """A caller's demands. Any of them makes loading hash everything that runs, also the weights.

    Raises:
        InputError: ``digest`` is not 64 hexadecimal digits, or there is no such ``verify``.
    """

    key: bytes | None = None
    """The public key that must have signed the bundle: a PEM file's content."""
    digest: str | None = None
    """The digest that the bundle must have."""
    verify: str | None = None
    """``full`` to hash every file, ``once`` to hash weights again only if their file seems changed."""

    def __post_init__(self) -> None:
        if self.digest is not None and not (isinstance(self.digest, str) and _DIGEST.fullmatch(self.digest)):
            raise InputError(
                f"expected a bundle's digest, 64 hexadecimal digits as info shows them, found {shown(self.digest)}"
            )
        if self.verify not in (None, FULL, ONCE):
            raise InputError(f"expected verify to be {FULL!r} or {ONCE!r}, found {shown(self.verify)}")

    @property
    def strict(self) -> bool:
        """True if everything that runs must be hashed; without demands, only the size of the weights is checked."""
        return self != Demands()

    @property
    def once(self) -> bool:
        """True if files that this process hashed before need not be hashed again."""
        return self.verify == ONCE
