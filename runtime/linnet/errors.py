"""The errors that Linnet raises. Their messages say what was expected, what was found, and what to do."""


class LinnetError(Exception):
    """The base class of all Linnet errors."""


class BundleError(LinnetError):
    """A bundle cannot be used."""


class BundleNotFoundError(BundleError, FileNotFoundError):
    """No bundle exists at the given path."""


class BundleFormatError(BundleError, ValueError):
    """A bundle's content is invalid, or this version of Linnet does not support it."""


class BundleIntegrityError(BundleError, ValueError):
    """A file of a bundle is missing, truncated or altered."""


class BundleSignatureError(BundleError, ValueError):
    """A bundle has no signature of the given key, or has files that are not signed."""


class TextTypeError(LinnetError, TypeError):
    """A text is not a ``str``."""


class TextValueError(LinnetError, ValueError):
    """A ``str`` has a lone surrogate, which UTF-8 cannot represent, or the tokenizer gives it no token."""


class InputError(LinnetError, ValueError):
    """The arguments or the input of a command cannot be used."""


class MissingPackageError(LinnetError, ImportError):
    """An optional package is not installed; the message names what to install."""
