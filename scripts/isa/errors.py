"""The error for machines that cannot be emulated here."""


class EmulationError(Exception):
    """Raised if something that emulation needs is missing; the message says how to get it."""
