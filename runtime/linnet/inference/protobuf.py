"""Reads and writes the part of Protocol Buffers that ONNX files need, so that the runtime does without the package ``onnx``.

The encoding: https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

BYTES = 2
"""The wire type of fields with a length."""

_FIXED = {1: 8, 5: 4}  # wire types of fixed size: their bytes
_LONGEST = 10  # bytes of a number of 64 bits


def fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yields each field's number, its content (empty if it has no length), and all its bytes.

    Raises:
        ValueError: the message is cut short, or is no such message.
    """
    at = 0
    while at < len(message):
        begin = at
        tag, at = varint(message, at)
        content = b""
        if tag & 7 == BYTES:
            length, at = varint(message, at)
            content = message[at : at + length]
            at += length
        elif tag & 7 in _FIXED:
            at += _FIXED[tag & 7]
        else:
            _, at = varint(message, at)
        if at > len(message):
            raise ValueError(f"a field ends at byte {at} of {len(message)}")
        yield tag >> 3, content, message[begin:at]


def contents(message: bytes, wanted: int) -> Iterator[bytes]:
    """Yields the content of each field with a number, where fields have a length.

    Raises:
        ValueError: as `fields` does.
    """
    return (content for found, content, _ in fields(message) if found == wanted)


def number(field: bytes) -> int:
    """Returns the number in all bytes of a field that holds one number."""
    _, at = varint(field, 0)
    return varint(field, at)[0]


def numbers(packed: bytes) -> list[int]:
    """Returns the numbers in the content of a field that holds several."""
    found, at = list[int](), 0
    while at < len(packed):
        value, at = varint(packed, at)
        found.append(value)
    return found


def varint(message: bytes, at: int) -> tuple[int, int]:
    """Reads a number in groups of 7 bits, the lowest first; returns it and the offset of its end.

    Raises:
        ValueError: the number does not end within 10 bytes, or within the message.
    """
    value = 0
    for index, byte in enumerate(message[at : at + _LONGEST]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, at + index + 1
    raise ValueError(f"expected a number at byte {at}")


def delimited(number: int, content: bytes) -> bytes:
    """Returns all bytes of a field with a length."""
    return as_varint(number << 3 | BYTES) + as_varint(len(content)) + content


def numbered(number: int, value: int) -> bytes:
    """Returns all bytes of a field that holds one number of at least 0."""
    return as_varint(number << 3) + as_varint(value)


def as_varint(value: int) -> bytes:
    """Returns a number of at least 0 in groups of 7 bits, the lowest first."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
