"""Writes embeddings as JSON lines or as a ``.npy`` file, one text at a time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from ...arrays import Floats
from ...errors import InputError
from ...postprocessing.words import TokenEmbeddings
from ...system.files import bytes_written_whole

WRITABLE = (".npy", ".jsonl", ".parquet")

Embedding: TypeAlias = Floats | TokenEmbeddings
"""A text's vector, float32 (dimension,), or the vectors of its tokens or words."""

Write = Callable[[str, Any], None]
"""Writes a text and its `Embedding`."""

_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER_SIZE = 128  # bytes; numpy expects a multiple of 64, and this has room for any count


def json_lines(stream: TextIO) -> Write:
    """Returns a function that writes one JSON object per text, as `render_json` renders it."""

    def write(text: str, found: Embedding) -> None:
        stream.write(render_json(text, found))

    return write


def render_json(text: str, found: Embedding) -> str:
    """Returns ``{"text", "embedding"}``, or ``{"text", "tokens", "offsets", "embeddings"}``, as one line.

    Numbers have the fewest digits that still give the same float32.
    """
    row: dict[str, object] = {"text": text}
    if isinstance(found, TokenEmbeddings):
        row |= {"tokens": found.tokens, "offsets": found.offsets, "embeddings": _digits(found.vectors)}
    else:
        row["embedding"] = _digits(found)
    return json.dumps(row, ensure_ascii=False) + "\n"


@contextmanager
def npy_file(path: Path, dimension: int) -> Iterator[Write]:
    """Opens a ``.npy`` file of one vector per text, float32 (n, dimension); it appears whole or not at all.

    Its header, format version 1.0, is written again when n is known:
    https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

    Raises:
        InputError: the file cannot be written there.
    """
    count = 0
    with bytes_written_whole(path) as stream:
        if not stream.seekable():
            raise InputError(f"cannot write {path}: a .npy file cannot be a pipe; name a regular file, or use .jsonl")

        def write(text: str, vector: Floats) -> None:
            nonlocal count
            stream.write(vector.astype("<f4", copy=False).tobytes())
            count += 1

        stream.write(_npy_header(count, dimension))
        yield write
        stream.seek(0)
        stream.write(_npy_header(count, dimension))


def _npy_header(count: int, dimension: int) -> bytes:
    described = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, {dimension}), }}".encode()
    room = _HEADER_SIZE - len(_MAGIC) - 2
    return _MAGIC + room.to_bytes(2, "little") + described.ljust(room - 1) + b"\n"


def _digits(vectors: Floats) -> Any:
    return vectors.astype(str).astype(float).tolist()
