"""What a conversion raises on purpose."""

from linnet.errors import InputError, LinnetError


class CheckpointError(InputError):
    """A checkpoint is missing something, or is none that Linnet converts."""


class RecipeError(InputError):
    """There is no such recipe, or it is not for this checkpoint."""


class LicenceError(InputError):
    """Somebody has to accept a checkpoint's licence first."""


class ParityError(LinnetError):
    """A bundle is not close enough to its checkpoint, so it was not written."""


class HubError(LinnetError):
    """A checkpoint could not be brought from the hub."""


class HubConnectionError(HubError):
    """The hub cannot be reached, does not answer as a hub does, or the connection was lost too often."""


class HubIntegrityError(HubError):
    """A file is not the one that the hub lists; it was removed from the cache."""


class HubCacheError(HubError):
    """The cache cannot be written, or has no room."""


class HubNotFoundError(HubError, CheckpointError):
    """The hub has no such repository, revision or file, or shows none to this user."""


class HubAccessError(HubError, CheckpointError):
    """The hub refuses this user: the repository is gated or private, or the token is not valid."""


class HubOfflineError(HubError, CheckpointError):
    """Without a connection, the cache does not have what was asked for."""
