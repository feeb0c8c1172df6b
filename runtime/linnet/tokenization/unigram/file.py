"""Reads the settings and the arrays of a compact tokenizer's file."""

import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import BundleFormatError
from ...fields import field, flag, malformed, optional_field, parse_object
from ...installation import UPDATE
from ...names import COMPACT_TOKENIZER
from .layout import ALIGNMENT, CHARACTERS, DTYPES, HEAD, MAGIC, PAGE, VERSION

Array = npt.NDArray[Any]


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


@dataclass(frozen=True)
class UnigramFile:
    """An opened file: its settings, and its memory-mapped arrays by name."""

    settings: Settings
    arrays: Mapping[str, Array]

    def replacements(self) -> dict[str, str]:
        """Returns the replacements of the normalizer, by the text that each one replaces."""
        mapped, replacement = (self.arrays[name].tobytes().decode().split("\0") for name in ("mapped", "replacement"))
        return dict(zip(mapped[:-1], replacement[:-1], strict=True))


def read_unigram(file: Path | mmap.mmap) -> UnigramFile:
    """Reads a compact tokenizer's file; its arrays stay mapped.

    Raises:
        BundleFormatError: the file is not a compact tokenizer, has a later format, or its parts do not fit its size
            or each other.
    """
    mapped = file if isinstance(file, mmap.mmap) else _mapped(file)
    if len(mapped) < HEAD.size:
        raise malformed(f"{COMPACT_TOKENIZER}: expected a compact tokenizer, found {len(mapped)} bytes")
    magic, version, size = HEAD.unpack_from(mapped)
    if magic != MAGIC:
        raise malformed(f"{COMPACT_TOKENIZER}: expected it to begin with {MAGIC!r}, found {magic!r}")
    if version != VERSION:
        raise BundleFormatError(f"{COMPACT_TOKENIZER}: expected format {VERSION}, found {version}: {UPDATE}")
    start = HEAD.size + size
    if start % ALIGNMENT or start > len(mapped):
        raise malformed(f"{COMPACT_TOKENIZER}: expected {start} bytes or more, found {len(mapped)}")
    values = parse_object(COMPACT_TOKENIZER, mapped[HEAD.size : start])
    places = field(values, COMPACT_TOKENIZER, "arrays", dict)
    arrays = {name: _array(mapped, start, name, places.get(name)) for name in DTYPES}
    end = max(_end(start, name, places[name]) for name in DTYPES)
    if end != len(mapped):
        raise malformed(f"{COMPACT_TOKENIZER}: expected {end} bytes, found {len(mapped)}")
    _check(arrays)
    return UnigramFile(_settings(values), arrays)


def _mapped(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as stream:
        if not path.stat().st_size:
            return b""  # cannot be mapped
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _array(mapped: mmap.mmap | bytes, start: int, name: str, place: object) -> Array:
    match place:
        case [int(offset), int(count)] if offset >= 0 and count >= 0 and offset % ALIGNMENT == 0:
            if _end(start, name, place) <= len(mapped):
                return np.frombuffer(mapped, DTYPES[name], count, start + offset)
    raise malformed(f"{COMPACT_TOKENIZER}: expected the array {name} within {len(mapped)} bytes, found {place!r}")


def _end(start: int, name: str, place: Sequence[int]) -> int:
    offset, count = place
    return start + offset + count * np.dtype(DTYPES[name]).itemsize


def _check(arrays: Mapping[str, Array]) -> None:
    """Checks that the arrays' sizes fit each other; numpy checks each index when it is used."""
    slots = {len(arrays[name]) for name in ("base", "label", "piece")}
    pages = len(arrays["code"]) / PAGE
    if len(arrays["kept"]) and len(arrays["kept"]) < len(arrays["score"]):
        raise malformed(f"{COMPACT_TOKENIZER}: expected {len(arrays['score'])} ids, found {len(arrays['kept'])}")
    if len(slots) != 1 or len(arrays["code_page"]) != CHARACTERS // PAGE or arrays["code_page"].max() >= pages:
        raise malformed(f"{COMPACT_TOKENIZER}: expected arrays whose sizes fit each other")


def _settings(values: dict[str, Any]) -> Settings:
    name = COMPACT_TOKENIZER
    return Settings(
        added_tokens=tuple(_added_token(entry) for entry in field(values, name, "added_tokens", list)),
        prefix=_special_tokens(values, "prefix"),
        suffix=_special_tokens(values, "suffix"),
        strip=flag(values, name, "strip"),
        collapsed=optional_field(values, name, "collapsed", str),
        split=flag(values, name, "split"),
        unk_id=field(values, name, "unk_id", int),
        unk_score=field(values, name, "unk_score", float),
    )


def _added_token(entry: Any) -> AddedToken:
    values = entry if isinstance(entry, dict) else {}
    return AddedToken(
        content=field(values, COMPACT_TOKENIZER, "content", str),
        id=field(values, COMPACT_TOKENIZER, "id", int),
        lstrip=flag(values, COMPACT_TOKENIZER, "lstrip"),
    )


def _special_tokens(values: dict[str, Any], key: str) -> tuple[tuple[str, int], ...]:
    found = []
    for entry in field(values, COMPACT_TOKENIZER, key, list):
        match entry:
            case [str(token), int(index)]:
                found.append((token, index))
            case _:
                raise malformed(f"{COMPACT_TOKENIZER}: expected {key} to be tokens and ids, found {entry!r}")
    return tuple(found)
