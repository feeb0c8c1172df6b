"""A stream of bytes → its lines, as they arrive."""

from collections.abc import Callable, Iterator
from io import BufferedIOBase

from ...errors import InputError
from .decoding import DAMAGED, utf8_blocks
from .remarks import REPLACED, Remarks

_BLOCK = 1 << 18  # bytes read at once, at most

_PACKED = {
    b"\x1f\x8b": "a gzip file: unpack it first, for example: gunzip -c FILE | linnet …",
    b"PK\x03\x04": "a zip archive or a spreadsheet: unpack it, or save the sheet as CSV in UTF-8, first",
}
"""How files start that are no text, and what to do with them."""

Advance = Callable[[int], None]
"""Receives the number of bytes that were just read."""


class Lines(Iterator[str]):
    r"""Iterates over the lines of a stream, split on ``\n`` only, without their ``\n`` but with their ``\r``.

    The stream is UTF-8, or UTF-16 or UTF-32 with a byte order mark.

    Args:
        stream: what to read.
        remarks: names the stream in messages, and counts its damaged lines.
        errors: ``strict``, or ``replace`` to decode damaged lines with U+FFFD.
        advance: receives the number of bytes of each line when it is given.

    Raises:
        InputError: a line cannot be decoded; the message gives its number.
    """

    def __init__(
        self, stream: BufferedIOBase, remarks: Remarks, *, errors: str = "strict", advance: Advance | None = None
    ) -> None:
        self.number = 0  # of the line that was given last
        self.last = ""
        self.drained = False  # True if the next line has still to be waited for
        self._remarks, self._errors = remarks, errors
        self._advance = advance or (lambda _: None)
        self._raw = self._split(utf8_blocks(iter(lambda: stream.read1(_BLOCK), b"")))

    def __next__(self) -> str:
        line = next(self._raw)
        self.number += 1
        self.last = self._decoded(line)
        return self.last

    def _split(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        pieces = list[bytes]()  # of a line whose end has not arrived
        for block in blocks:
            first, *others = block.split(b"\n")
            pieces.append(first)
            if not others:
                continue
            lines, pieces = [b"".join(pieces), *others[:-1]], others[-1:]
            for left, line in zip(range(len(lines) - 1, -1, -1), lines, strict=True):
                self.drained = not left
                self._advance(len(line) + 1)
                yield line
        last = b"".join(pieces)
        if last:
            self.drained = True
            self._advance(len(last))
            yield last

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            packed = next((found for start, found in _PACKED.items() if line.startswith(start)), None)
            place = f"{self._remarks.name}, line {self.number}"
            if packed and self.number == 1:
                raise InputError(f"{place}: expected text in UTF-8, found {packed}") from None
            if self._errors == "strict" and line.startswith(DAMAGED, error.start):
                raise InputError(
                    f"{place}: expected text, found damaged UTF-16 or UTF-32; write it again in UTF-8, "
                    "or give --errors replace"
                ) from None
            if self._errors == "strict":
                raise not_utf8(place, error, "; or give --errors replace") from None
            self._remarks.add(REPLACED, self.number)
            return line.decode("utf-8", "replace")


def not_utf8(place: str, error: UnicodeDecodeError, remedy: str = "") -> InputError:
    """Returns the error for bytes that are not UTF-8; ``remedy`` is what else to do."""
    return InputError(
        f"{place}: expected UTF-8, found byte {error.object[error.start]:#04x} at position {error.start}; "
        f"convert it first, for example: iconv -f latin1 -t utf-8{remedy}"
    )
