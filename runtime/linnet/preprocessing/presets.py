"""The presets, by the name that a bundle's ``linnet.json`` gives."""

import re
from collections.abc import Callable

from linnet.fields import malformed
from linnet.layout import PREPROCESSING
from linnet.preprocessing.edits import Edit, PreparedText

PREPROCESSORS = ("none", "tweeteval", "bertweet", "pysentimiento")
"""The names of the presets."""

_WITH_TABLES = ("bertweet", "pysentimiento")

Preprocessor = Callable[[str], PreparedText]


def needs_tables(name: str) -> bool:
    """Whether bundles of that preset bring ``preprocessing.json``: its emoji and its classes of characters."""
    return name in _WITH_TABLES


def preprocessor(name: str, tables: bytes | None) -> Preprocessor:
    """The preset of that name.

    Args:
        name: one of `PREPROCESSORS`.
        tables: the content of the bundle's ``preprocessing.json``, for presets that need it.

    Raises:
        BundleFormatError: the tables are missing or make no sense.
        KeyError: there is no preset of that name.
    """
    if not needs_tables(name):
        return {"none": none, "tweeteval": tweeteval}[name]
    if tables is None:
        raise malformed(f"expected {PREPROCESSING}, which the preprocessing {name!r} needs, found none")
    # Imported only where a bundle asks for them: they compile patterns that others need not wait for.
    if name == "bertweet":
        from linnet.preprocessing.bertweet import read_bertweet

        return read_bertweet(tables)
    from linnet.preprocessing.pysentimiento import read_pysentimiento

    return read_pysentimiento(tables)


def none(text: str) -> PreparedText:
    """The text as it is."""
    return PreparedText(text)


# Words as the cards split them, at single spaces: a line break or a tab is part of a word.
_MENTION_OR_LINK = re.compile(r"(?<![^ ])(?:@[^ ]+|http[^ ]*)")


def tweeteval(text: str) -> PreparedText:
    """As the cardiffnlp model cards prepare tweets: ``@anyone`` → ``@user``, ``http…`` → ``http``."""
    return PreparedText(text).edited(
        Edit(*match.span(), "@user" if match[0].startswith("@") else "http")
        for match in _MENTION_OR_LINK.finditer(text)
    )
