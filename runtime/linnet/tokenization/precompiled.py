"""Checks the map of characters of a SentencePiece model, before `tokenizers` reads it without any check.

The map's bytes are: the size of a double array in bytes, ``uint32``; the double array, ``uint32``, over the UTF-8 of
the replaced strings; then the replacements, each followed by a NUL.
"""

import base64

import numpy as np

from ..errors import BundleFormatError
from ..fields import malformed
from ..names import TOKENIZER

_LARGEST = 1 << 22
_LONGEST = 64
"""The most bytes of a replacement; the longest of Unicode's NFKC has 33."""
_LEAF, _TEXT = 1 << 8, 1 << 31


def check_charsmap(encoded: str) -> None:
    """Checks that every lookup in a map stays inside it, and that no replacement is long.

    Args:
        encoded: the map in base64.

    Raises:
        BundleFormatError: the map is damaged or too large.
    """
    if not encoded:
        return
    try:
        charsmap = base64.b64decode(encoded, validate=True) if len(encoded) <= 2 * _LARGEST else b""
        size = int.from_bytes(charsmap[:4], "little")
        replacements = charsmap[4 + size :]
        replacements.decode()
    except ValueError:
        raise _damaged() from None
    if not 4 <= size <= len(charsmap) - 4 or size % 4 or not replacements.endswith(b"\0"):
        raise _damaged()
    if max(map(len, replacements.split(b"\0"))) > _LONGEST:
        raise malformed(
            f"{TOKENIZER}: expected replacements of characters of at most {_LONGEST} bytes, found longer ones"
        )
    units = np.frombuffer(charsmap, "<u4", size // 4, 4).astype(np.int64)
    below = np.arange(len(units)) ^ (units >> 10) << ((units & (1 << 9)) >> 6)
    nodes = units < _TEXT  # the others hold the places of replacements
    leaves = below[nodes & (units & _LEAF > 0)]
    if (below[nodes] | 0xFF).max(initial=0) >= len(units) or (units[leaves] < _TEXT).any():
        raise _damaged()
    starts = units[leaves] - _TEXT
    if starts.max(initial=0) >= len(replacements):
        raise _damaged()
    content = np.frombuffer(replacements, np.uint8)
    if (content[starts] & 0xC0 == 0x80).any():  # inside a character
        raise _damaged()


def _damaged() -> BundleFormatError:
    return malformed(f"{TOKENIZER}: expected a whole map of characters, found a damaged one")
