"""The caller's argument → a checked list of texts."""

from collections.abc import Iterable, Iterator

from .errors import TextTypeError, TextValueError

Texts = str | Iterable[str]
"""One text, or several."""


def as_texts(texts: Texts) -> list[str]:
    """Returns the texts as a list; a single ``str`` gives a list of one.

    Raises:
        TextTypeError: a text is not a ``str``; the message names its index.
        TextValueError: a text has a lone surrogate.
    """
    return list(iterate_texts(texts))


def iterate_texts(texts: Texts) -> Iterator[str]:
    """Yields the texts one by one, each checked when it is yielded."""
    if isinstance(texts, str):
        texts = [texts]
    if isinstance(texts, (bytes, bytearray)) or not isinstance(texts, Iterable):
        raise TextTypeError(f"expected a str or an iterable of str, found {type(texts).__name__}{_remedy(texts)}")
    for index, text in enumerate(texts):
        _check(text, index)
        yield text


def _check(text: object, index: int) -> None:
    if not isinstance(text, str):
        raise TextTypeError(f"text {index}: expected a str, found {type(text).__name__}{_remedy(text)}")
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TextValueError(
            f"text {index}: lone surrogate {text[error.start]!r} at character {error.start}; "
            "decode the text as UTF-8, or replace it: text.encode('utf-8', 'replace').decode()"
        ) from None


def _remedy(found: object) -> str:
    if isinstance(found, (bytes, bytearray)):
        return "; decode it first: value.decode('utf-8')"
    if found is None or (isinstance(found, float) and found != found):
        return "; give '' for a missing text"
    return "; convert it first: str(value)"
