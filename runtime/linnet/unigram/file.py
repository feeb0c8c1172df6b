"""A compact tokenizer's file → its settings and its arrays."""

import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from linnet.errors import BundleFormatError
from linnet.fields import field, flag, malformed, optional_field, parse_object
from linnet.layout import COMPACT_TOKENIZER
from linnet.unigram.layout import ALIGNMENT, CHARACTERS, DTYPES, HEAD, MAGIC, PAGE, VERSION

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class AddedToken:
    """A token that is found in the raw text, with the white space before it if ``lstrip``."""

    content: str
    id: int
    lstrip: bool


@dataclass(frozen=True)
class Settings:
    """What the file's JSON says.

    ``prefix`` and ``suffix`` are the special tokens that frame a text. The normalizer strips white space at the
    end if ``strip``, and makes ``collapsed`` of each run of two spaces or more unless that is None; words are
    what white space separates if ``split``, else what spaces do.
    """

    added_tokens: tuple[AddedToken, ...]
    prefix: tuple[tuple[str, int], ...]
    suffix: tuple[tuple[str, int], ...]
    strip: bool
    collapsed: str | None
    split: bool
    unk_id: int
    unk_score: float


@dataclass(frozen=True)
class UnigramFile:
    """An opened file: its settings and, by their names, its arrays, which stay on the disk until they are looked at."""

    settings: Settings
    arrays: Mapping[str, Array]

    def replacements(self) -> dict[str, str]:
        """What the normalizer replaces, and by what."""
        mapped, replacement = (self.arrays[name].tobytes().decode().split("\0") for name in ("mapped", "replacement"))
        return dict(zip(mapped[:-1], replacement[:-1], strict=True))


def read_unigram(path: Path) -> UnigramFile:
    """Maps the file ``path``.

    Raises:
        BundleFormatError: it is none, of a later format, or its parts do not fit its size or each other.
    """
    with path.open("rb") as stream:
        if path.stat().st_size < HEAD.size:
            raise malformed(f"{COMPACT_TOKENIZER}: expected a compact tokenizer, found {path.stat().st_size} bytes")
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    magic, version, size = HEAD.unpack_from(mapped)
    if magic != MAGIC:
        raise malformed(f"{COMPACT_TOKENIZER}: expected it to begin with {MAGIC!r}, found {magic!r}")
    if version != VERSION:
        raise BundleFormatError(
            f"{COMPACT_TOKENIZER}: expected format {VERSION}, found {version}: pip install --upgrade linnet"
        )
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


def _array(mapped: mmap.mmap, start: int, name: str, place: object) -> Array:
    match place:
        case [int(offset), int(count)] if offset >= 0 and count >= 0 and offset % ALIGNMENT == 0:
            if _end(start, name, place) <= len(mapped):
                return np.frombuffer(mapped, DTYPES[name], count, start + offset)
    raise malformed(f"{COMPACT_TOKENIZER}: expected the array {name} within {len(mapped)} bytes, found {place!r}")


def _end(start: int, name: str, place: Sequence[int]) -> int:
    offset, count = place
    return start + offset + count * np.dtype(DTYPES[name]).itemsize


def _check(arrays: Mapping[str, Array]) -> None:
    """Holds the arrays' sizes against each other; that an index is not beyond them, numpy checks when it is used."""
    slots = {len(arrays[name]) for name in ("base", "label", "piece")}
    pages = len(arrays["code"]) / PAGE
    if len(arrays["kept"]) and len(arrays["kept"]) < len(arrays["score"]):
        raise malformed(f"{COMPACT_TOKENIZER}: expected {len(arrays['score'])} ids, found {len(arrays['kept'])}")
    if len(slots) != 1 or len(arrays["code_page"]) != CHARACTERS // PAGE or arrays["code_page"].max() >= pages:
        raise malformed(f"{COMPACT_TOKENIZER}: expected arrays that fit each other")


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
