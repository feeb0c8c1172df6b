"""Vectors → what is added to rows, and the array of a ``.npy`` file."""

from typing import Any, BinaryIO, NamedTuple, TypeAlias

from ...arrays import Floats
from ...errors import InputError
from ...postprocessing.words import TokenEmbeddings
from ..formats.rows import Row
from .answers import Answers

Embedding: TypeAlias = Floats | TokenEmbeddings
"""A text's vector, float32 (dimension,), or the vectors of its tokens or words."""


class Embedded(NamedTuple):
    """What a text became, and whether it was truncated."""

    found: Embedding
    truncated: bool


_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER_SIZE = 128  # bytes; numpy expects a multiple of 64, and this has room for any count


def vector_answers(dimension: int, *, several: bool, truncated: bool = False) -> Answers[Any]:
    """Returns what is added to a row: its vector, or with ``several`` the tokens, offsets and vectors.

    Numbers have the fewest digits that still give the same float32. With ``truncated``, the answers are `Embedded`, and
    whether the text was truncated is added too.
    """

    def members(answer: Any) -> list[Any]:
        found, *state = answer if truncated else (answer,)
        if isinstance(found, TokenEmbeddings):
            return [found.tokens, found.offsets, _digits(found.vectors), *state]
        return [_digits(found), *state]

    def arrays(answers: list[Any]) -> list[Any]:
        from .parquet import states, vector_arrays  # here, because it imports an extra

        found = [answer.found for answer in answers] if truncated else answers
        return [*vector_arrays(found, dimension, several=several), *(states(answers) if truncated else ())]

    keys = (
        *(("tokens", "offsets", "embeddings") if several else ("embedding",)),
        *(("truncated",) if truncated else ()),
    )
    return Answers(keys=keys, members=members, names=keys, cells=members, arrays=arrays)


class NpySink:
    """Writes a ``.npy`` file of one vector per text, float32 (n, dimension).

    Its header, format version 1.0, is written again when n is known:
    https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

    Args:
        stream: where to write.
        dimension: the size of each vector.
        count: how many vectors an interrupted run wrote to the stream, which stands behind them.

    Raises:
        InputError: the stream is a pipe.
    """

    def __init__(self, stream: BinaryIO, dimension: int, count: int = 0) -> None:
        if not stream.seekable():
            raise InputError("a .npy file cannot be a pipe: name a regular file with --output, or write JSON lines")
        self._stream, self._dimension, self._count = stream, dimension, count
        if not count:
            stream.write(_npy_header(0, dimension))

    def write(self, row: Row, vector: Floats) -> None:
        """Writes the vector of a row."""
        self._stream.write(vector.astype("<f4", copy=False).tobytes())
        self._count += 1

    def flush(self) -> None:
        """Writes what is buffered."""
        self._stream.flush()

    def end(self) -> None:
        """Writes the header again, with the number of vectors."""
        self._stream.seek(0)
        self._stream.write(_npy_header(self._count, self._dimension))


def _npy_header(count: int, dimension: int) -> bytes:
    described = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, {dimension}), }}".encode()
    room = _HEADER_SIZE - len(_MAGIC) - 2
    return _MAGIC + room.to_bytes(2, "little") + described.ljust(room - 1) + b"\n"


def _digits(vectors: Floats) -> Any:
    return vectors.astype(str).astype(float).tolist()
