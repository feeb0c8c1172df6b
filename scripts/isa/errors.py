"""Why another machine cannot be emulated here."""


class EmulationError(Exception):
    """Something that emulation needs is not here; the message says how to get it."""
