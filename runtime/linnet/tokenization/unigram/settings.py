"""The settings of a compact tokenizer: the JSON object in its file."""

from dataclasses import dataclass
from typing import Any

from ...fields import field, flag, malformed, optional_field, shown
from ...names import COMPACT_TOKENIZER
from .layout import LONGEST_PIECE

_MOST_IDS = 1 << 31
_MOST_ADDED, _MOST_ADDED_CHARACTERS = 1000, 20_000
_MOST_SPECIAL = 16
_COLLAPSED = (None, " ", "▁")


@dataclass(frozen=True)
class AddedToken:
    """A token that is matched in the raw text; with ``lstrip``, including the white space before it."""

    content: str
    id: int
    lstrip: bool


@dataclass(frozen=True)
class Settings:
    """The settings in the file's JSON."""

    added_tokens: tuple[AddedToken, ...]
    """The tokens that are matched in the raw text."""
    prefix: tuple[tuple[str, int], ...]
    """The special tokens before a text, with their ids."""
    suffix: tuple[tuple[str, int], ...]
    """The special tokens after a text, with their ids."""
    strip: bool
    """Whether the normalizer removes white space at the end."""
    collapsed: str | None
    """The text that replaces each run of two or more spaces; None to keep them."""
    split: bool
    """Whether white space separates words; if False, only spaces do."""
    unk_id: int
    """The id of an unknown character."""
    unk_score: float
    """The score of an unknown character."""
    longest: int
    """The most characters of a piece."""


def read_settings(values: dict[str, Any]) -> Settings:
    """Returns the settings.

    Raises:
        BundleFormatError: a setting is missing or out of range.
    """
    name = COMPACT_TOKENIZER
    collapsed = optional_field(values, name, "collapsed", str)
    if collapsed not in _COLLAPSED:
        raise malformed(f"{name}: expected collapsed to be a space or ▁, found {shown(collapsed)}")
    longest = field(values, name, "longest", int)
    if not 1 <= longest <= LONGEST_PIECE:
        raise malformed(f"{name}: expected longest from 1 to {LONGEST_PIECE}, found {longest}")
    return Settings(
        added_tokens=_added_tokens(field(values, name, "added_tokens", list)),
        prefix=_special_tokens(values, "prefix"),
        suffix=_special_tokens(values, "suffix"),
        strip=flag(values, name, "strip"),
        collapsed=collapsed,
        split=flag(values, name, "split"),
        unk_id=_index(field(values, name, "unk_id", int)),
        unk_score=field(values, name, "unk_score", float),
        longest=longest,
    )


def _added_tokens(entries: list[Any]) -> tuple[AddedToken, ...]:
    found = tuple(map(_added_token, entries))
    characters = sum(len(token.content) for token in found)
    if len(found) > _MOST_ADDED or characters > _MOST_ADDED_CHARACTERS or not all(token.content for token in found):
        raise malformed(
            f"{COMPACT_TOKENIZER}: expected at most {_MOST_ADDED} added tokens, none empty, with "
            f"{_MOST_ADDED_CHARACTERS} characters together, found {len(found)} with {characters}"
        )
    return found


def _added_token(entry: Any) -> AddedToken:
    values = entry if isinstance(entry, dict) else {}
    return AddedToken(
        content=field(values, COMPACT_TOKENIZER, "content", str),
        id=_index(field(values, COMPACT_TOKENIZER, "id", int)),
        lstrip=flag(values, COMPACT_TOKENIZER, "lstrip"),
    )


def _special_tokens(values: dict[str, Any], key: str) -> tuple[tuple[str, int], ...]:
    entries = field(values, COMPACT_TOKENIZER, key, list)
    if len(entries) > _MOST_SPECIAL:
        raise malformed(f"{COMPACT_TOKENIZER}: expected at most {_MOST_SPECIAL} tokens in {key}, found {len(entries)}")
    found = []
    for entry in entries:
        match entry:
            case [str(token), int(index)] if not isinstance(index, bool):
                found.append((token, _index(index)))
            case _:
                raise malformed(f"{COMPACT_TOKENIZER}: expected {key} to be tokens and ids, found {shown(entry)}")
    return tuple(found)


def _index(found: int) -> int:
    if not 0 <= found < _MOST_IDS:
        raise malformed(f"{COMPACT_TOKENIZER}: expected ids from 0 to {_MOST_IDS - 1}, found {shown(found)}")
    return found
