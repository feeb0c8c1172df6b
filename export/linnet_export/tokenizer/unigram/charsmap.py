"""Reads and writes SentencePiece's map of characters, which `tokenizers` calls ``precompiled_charsmap``.

Its bytes are: the size of a double array in bytes, ``uint32``; the double array, ``uint32``, over the UTF-8 of the
replaced strings; then the replacements, each followed by a NUL.
"""

import struct
from collections.abc import Iterator, Mapping

_LEAF = 1 << 8
_LABEL = (1 << 31) | 0xFF
_VALUE = (1 << 31) - 1


def read_charsmap(charsmap: bytes, *, longest: int) -> dict[str, str]:
    """Returns replaced string → replacement, for strings of at most ``longest`` bytes of UTF-8.

    Raises:
        ValueError: the bytes are not a map of characters.
    """
    try:
        (size,) = struct.unpack_from("<I", charsmap)
        units = struct.unpack_from(f"<{size // 4}I", charsmap, 4)
        replacements = charsmap[4 + size // 4 * 4 :]
        return {
            key.decode(): replacements[start : replacements.index(b"\0", start)].decode()
            for key, start in _entries(units, _offset(units[0]), b"", longest)
        }
    except (struct.error, IndexError) as error:
        raise ValueError(f"the map of characters is incomplete: {error}") from None


def _entries(units: tuple[int, ...], node: int, key: bytes, longest: int) -> Iterator[tuple[bytes, int]]:
    for byte in range(1, 256):
        child = node ^ byte
        if child < len(units) and units[child] & _LABEL == byte:
            below, longer = child ^ _offset(units[child]), key + bytes([byte])
            if units[child] & _LEAF:
                yield longer, units[below] & _VALUE
            if len(longer) < longest:
                yield from _entries(units, below, longer, longest)


def _offset(unit: int) -> int:
    return (unit >> 10) << ((unit & (1 << 9)) >> 6)


def make_charsmap(replacements: Mapping[str, str]) -> bytes:
    """Returns a map for a few strings; each prefix of a string takes 256 units."""
    units, values = [0] * 256, b""
    places = {b"": 0}
    for key, replacement in replacements.items():
        encoded = key.encode()
        for length, byte in enumerate(encoded):
            place, longer = places[encoded[:length]] ^ byte, encoded[: length + 1]
            if longer not in places:
                places[longer] = len(units)
                units[place] = byte | (place ^ len(units)) << 10
                units += [0] * 256
        units[place] |= _LEAF
        units[places[encoded]] = len(values)
        values += replacement.encode() + b"\0"
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + values
