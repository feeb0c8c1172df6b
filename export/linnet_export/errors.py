"""The errors that a conversion raises on purpose."""

from linnet.errors import InputError, LinnetError


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


def first_line(error: BaseException) -> str:
    """Returns the first line of another library's error, for use in a message."""
    return (str(error) or type(error).__name__).strip().split("\n")[0].rstrip(".;")
