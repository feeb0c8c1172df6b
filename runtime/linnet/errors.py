"""Everything that Linnet raises on purpose. Messages say what was expected, what was found, and what to do."""


class LinnetError(Exception):
    """The parent of all of Linnet's errors."""


class BundleError(LinnetError):
    """A bundle cannot be used."""


class BundleNotFoundError(BundleError, FileNotFoundError):
    """There is no bundle at that place."""


class BundleFormatError(BundleError, ValueError):
    """The bundle says something that this version of Linnet cannot work with."""


class BundleIntegrityError(BundleError, ValueError):
    """A file of the bundle is missing, truncated or altered."""


class TextTypeError(LinnetError, TypeError):
    """A text is not a ``str``."""


class TextValueError(LinnetError, ValueError):
    """A ``str`` is no text: it has a lone surrogate, which no encoding can hold."""


class InputError(LinnetError, ValueError):
    """The arguments or the input of a command cannot be used."""
