"""A stream of bytes → its lines, as they arrive."""

from collections.abc import Callable, Iterator
from io import BufferedIOBase

from ...errors import InputError
from ...installation import PROGRAM
from .decoding import DAMAGED, utf8_blocks
from .remarks import REPLACED, Remarks

_BLOCK = 1 << 18  # bytes read at once, at most

_PACKED = {
    b"\x1f\x8b": f"a gzip file: unpack it first, for example: gunzip -c FILE | {PROGRAM} …",
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
        errors: ``strict``; ``replace`` to decode damaged lines with U+FFFD; or ``reject`` to decode their bytes as
            lone surrogates, and to keep in ``damage`` why each damaged line cannot be read.
        advance: receives the number of bytes of each line when it is given.

    Raises:
        InputError: a line cannot be decoded; the message gives its number.
    """

    def __init__(
        self, stream: BufferedIOBase, remarks: Remarks, *, errors: str = "strict", advance: Advance | None = None
    ) -> None:
        self.number = 0  # of the line that was given last
        self.last = ""
        self.damage: dict[int, str] = {}  # why lines cannot be read, by their numbers
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

    def damaged(self, first: int, last: int) -> str | None:
        """Returns why one of these lines cannot be read, None if all can; forgets the lines up to the last."""
        if not self.damage:
            return None
        found = next((reason for number, reason in self.damage.items() if first <= number <= last), None)
        self.damage = {number: reason for number, reason in self.damage.items() if number > last}
        return found

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            if self._errors == "replace":
                self._remarks.add(REPLACED, self.number)
                return line.decode("utf-8", "replace")
            packed = next((found for start, found in _PACKED.items() if line.startswith(start)), None)
            place = f"{self._remarks.name}, line {self.number}"
            if packed and self.number == 1:
                raise InputError(f"{place}: expected text in UTF-8, found {packed}") from None
            if line.startswith(DAMAGED, error.start):
                reason = "expected text, found damaged UTF-16 or UTF-32; write it again in UTF-8"
            else:
                reason = why_not_utf8(error)
            if self._errors == "strict":
                also = ", or" if line.startswith(DAMAGED, error.start) else "; or"
                raise InputError(f"{place}: {reason}{also} give --errors replace") from None
            self.damage[self.number] = reason
            return line.decode("utf-8", "surrogateescape")


def why_not_utf8(error: UnicodeDecodeError) -> str:
    """Returns what is wrong with bytes that are not UTF-8, and what to do."""
    return (
        f"expected UTF-8, found byte {error.object[error.start]:#04x} at position {error.start}; "
        "convert it first, for example: iconv -f latin1 -t utf-8"
    )
