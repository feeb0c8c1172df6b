"""Sends models to other processes: a model travels as the place and the digest of its bundle, and is loaded there."""

from typing import Any, TypeVar

from ..bundle.demands import Demands
from ..bundle.opening import Bundle, default_bundle
from ..errors import BundleIntegrityError, BundleNotFoundError
from ..trust.opening import open_meeting

_Self = TypeVar("_Self", bound="Portable")


class Portable:
    """A model that can be pickled and copied.

    Unpickling loads the bundle from the same path, or the embedded default, with the same arguments, and refuses
    another bundle. What the bundle had to meet, such as a signature, it must meet again: the public key travels along.
    What a cache remembers does not travel. A copy is the model itself: it never changes.
    """

    bundle: Bundle

    def __init__(self, bundle: Bundle, *, threads: int | None = None, cache: int | None = None) -> None:
        self.bundle, self._arguments = bundle, {"threads": threads, "cache": cache}

    def __reduce__(self) -> tuple[Any, ...]:
        path = None if _is_default(self.bundle) else str(self.bundle.folder.resolved)
        return loaded, (type(self), path, self.bundle.digest, self._arguments, self.bundle.demands)

    def __copy__(self: _Self) -> _Self:
        return self

    def __deepcopy__(self: _Self, _: object) -> _Self:
        return self


def _is_default(bundle: Bundle) -> bool:
    try:
        return default_bundle().resolve() == bundle.folder.resolved
    except BundleNotFoundError:
        return False


def loaded(
    kind: type[_Self], path: str | None, digest: str, arguments: dict[str, int | None], demands: Demands
) -> _Self:
    """Returns the model of a bundle, or of the embedded default.

    Raises:
        BundleIntegrityError: it is not the bundle with this digest.
    """
    bundle = open_meeting(demands, path)
    if bundle.digest != digest:
        raise BundleIntegrityError(
            f"{bundle.path}: expected the bundle that the model was pickled with, whose digest is {digest}, "
            f"found {bundle.digest}: copy that bundle here, or load this one"
        )
    return kind(bundle, **arguments)
