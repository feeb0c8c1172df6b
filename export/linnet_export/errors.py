"""What a conversion raises on purpose."""

from linnet.errors import InputError, LinnetError


class CheckpointError(InputError):
    """A checkpoint is missing something, or is none that Linnet converts."""


class ParityError(LinnetError):
    """A bundle is not close enough to its checkpoint, so it was not written."""
