"""Reads the settings and the arrays of a compact tokenizer's file."""

import mmap
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import BundleFormatError
from ...fields import field, malformed, parse_object, shown
from ...installation import UPDATE
from ...names import COMPACT_TOKENIZER
from .checks import Arrays, check_arrays, read_replacements
from .layout import ALIGNMENT, DTYPES, HEAD, LARGEST_JSON, MAGIC, VERSION
from .settings import Settings, read_settings


@dataclass(frozen=True)
class UnigramFile:
    """An opened file: its settings, its memory-mapped arrays by name, and its replacements.

    ``replacements`` maps each text that the normalizer replaces to its replacement.
    """

    settings: Settings
    arrays: Arrays
    replacements: Mapping[str, str]


def read_unigram(file: Path | mmap.mmap) -> UnigramFile:
    """Reads a compact tokenizer's file; its arrays stay mapped.

    Raises:
        BundleFormatError: the file is not a compact tokenizer, has another format, is damaged, or its parts do not
            fit its size or each other.
    """
    mapped = file if isinstance(file, mmap.mmap) else _mapped(file)
    if len(mapped) < HEAD.size:
        raise malformed(f"{COMPACT_TOKENIZER}: expected a compact tokenizer, found {len(mapped)} bytes")
    magic, version, checksum, size = HEAD.unpack_from(mapped)
    _check_format(magic, version)
    start = HEAD.size + size
    if start % ALIGNMENT or size > LARGEST_JSON or start > len(mapped):
        raise malformed(f"{COMPACT_TOKENIZER}: expected {start} bytes or more, found {len(mapped)}")
    values = parse_object(COMPACT_TOKENIZER, mapped[HEAD.size : start])
    places = field(values, COMPACT_TOKENIZER, "arrays", dict)
    arrays = {name: _array(mapped, start, name, places.get(name)) for name in DTYPES}
    end = max(_end(start, name, places[name]) for name in DTYPES)
    if end != len(mapped):
        raise malformed(f"{COMPACT_TOKENIZER}: expected {end} bytes, found {len(mapped)}")
    with memoryview(mapped) as content:
        if (found := zlib.crc32(content[HEAD.size :])) != checksum:
            raise malformed(f"{COMPACT_TOKENIZER} is damaged: expected the checksum {checksum}, found {found}")
    settings = read_settings(values)
    check_arrays(arrays, settings)
    return UnigramFile(settings, arrays, read_replacements(arrays))


def _check_format(magic: bytes, version: int) -> None:
    if magic != MAGIC:
        raise malformed(f"{COMPACT_TOKENIZER}: expected it to begin with {MAGIC!r}, found {magic!r}")
    if version != VERSION:
        remedy = UPDATE if version > VERSION else "convert the checkpoint again"
        raise BundleFormatError(f"{COMPACT_TOKENIZER}: expected format {VERSION}, found {version}: {remedy}")


def _mapped(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as stream:
        if not path.stat().st_size:
            return b""  # cannot be mapped
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _array(
    mapped: mmap.mmap | bytes, start: int, name: str, place: object
) -> "np.ndarray[tuple[int], np.dtype[np.generic]]":
    match place:
        case [int(offset), int(count)] if offset >= 0 and count >= 0 and offset % ALIGNMENT == 0:
            if _end(start, name, place) <= len(mapped):
                return np.frombuffer(mapped, DTYPES[name], count, start + offset)
    raise malformed(f"{COMPACT_TOKENIZER}: expected the array {name} within {len(mapped)} bytes, found {shown(place)}")


def _end(start: int, name: str, place: Sequence[int]) -> int:
    offset, count = place
    return start + offset + count * np.dtype(DTYPES[name]).itemsize
