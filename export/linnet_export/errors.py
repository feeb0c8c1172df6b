"""The errors that a conversion raises on purpose."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from linnet.errors import InputError, LinnetError

_FULL = re.compile(r"No space left|\(os error 28\)")
"""How Rust's libraries say that a disk is full, without the number of the error."""
_SHORT = re.compile(r"\d+ requested and \d+ written")
"""How numpy says that it wrote a part, without the reason: a full disk, a quota, or a limit of the size of files."""


class CheckpointError(InputError):
    """A checkpoint is incomplete, or Linnet cannot convert it."""


class RecipeError(InputError):
    """A recipe does not exist, is not valid, or is not for this checkpoint."""


class LicenceError(InputError):
    """The user has to accept a checkpoint's licence first."""


class ParityError(LinnetError):
    """A bundle is not close enough to its checkpoint, so it was not written."""


class HubError(LinnetError):
    """A checkpoint could not be downloaded from the hub."""


class HubConnectionError(HubError):
    """The hub cannot be reached, does not answer like a hub, or the connection was lost too often."""


class HubIntegrityError(HubError):
    """A file differs from the hub's listing; it was removed from the cache."""


class HubCacheError(HubError):
    """The cache cannot be written, or its disk is full."""


class HubNotFoundError(HubError, CheckpointError):
    """The hub does not have the repository, revision or file, or does not show it to this user."""


class HubAccessError(HubError, CheckpointError):
    """The hub refuses this user: the repository is gated or private, or the token is not valid."""


class HubOfflineError(HubError, CheckpointError):
    """Linnet is offline, and the cache does not have the requested files."""


@contextmanager
def translated(what: str, remedy: str) -> Iterator[None]:
    """Raises a `CheckpointError` for every error of another library inside the context.

    Linnet's own errors pass, and those of the disk too. A file that could not be written whole is an `OSError`,
    whichever library wrote it.

    Args:
        what: what was read or done, which begins the message.
        remedy: what the user can do, which ends it.
    """
    try:
        yield
    except BaseException as error:
        if not _is_of_a_library(error):
            raise
        if _FULL.search(str(error)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        if short := _SHORT.search(str(error)):
            raise OSError(short[0]) from error
        raise CheckpointError(f"{what}: {described(error)}; {remedy}") from error


def _is_of_a_library(error: BaseException) -> bool:
    if isinstance(error, LinnetError) or (isinstance(error, OSError) and error.errno is not None):
        return False
    # `tokenizers` and `safetensors` raise a PanicException, which is no Exception, if their Rust code panics.
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def described(error: BaseException) -> str:
    """Returns the type and the first line of another library's error, for use in a message."""
    kind = type(error).__name__
    return kind if not str(error).strip() else f"{kind}: {first_line(error)}"


def first_line(error: BaseException) -> str:
    """Returns the first line of another library's error, for use in a message."""
    return (str(error).strip() or type(error).__name__).split("\n")[0].rstrip(".;")
