"""Blocks of bytes in UTF-8, UTF-16 or UTF-32 → blocks in UTF-8, without a byte order mark."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it starts with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

_DAMAGED = "\ud800"  # a lone surrogate, which UTF-8 cannot represent
DAMAGED = _DAMAGED.encode("utf-8", "surrogatepass")
"""What stands in place of damaged UTF-16 and UTF-32; it is not UTF-8."""


def utf8_blocks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the blocks in UTF-8. A byte order mark names the encoding; without one, blocks stay as they are.

    Damaged UTF-16 or UTF-32 becomes `DAMAGED`, so that whoever decodes the lines finds it.
    """
    arriving, head = iter(blocks), b""
    for block in arriving:
        head += block
        if not any(mark.startswith(head) and mark != head for mark in _MARKS):  # no longer mark can follow
            break
    mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
    rest = chain([head[len(mark) :]], arriving)
    encoding = _MARKS.get(mark, "utf-8")
    yield from rest if encoding == "utf-8" else _transcoded(rest, encoding)


def _transcoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    codecs.register_error("linnet.damaged", _damaged)
    decoder = codecs.getincrementaldecoder(encoding)("linnet.damaged")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")


def _damaged(error: UnicodeError) -> tuple[str, int]:
    """Returns what replaces the damaged bytes, and where decoding goes on."""
    assert isinstance(error, UnicodeDecodeError)
    return _DAMAGED, error.end
