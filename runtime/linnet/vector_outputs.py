"""Embeddings → what the command line prints or writes, a text at a time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from linnet.files import bytes_written_whole
from linnet.postprocessing import Floats
from linnet.words import TokenEmbeddings

WRITABLE = (".npy", ".jsonl", ".parquet")

Embedding: TypeAlias = Floats | TokenEmbeddings
"""A text's vector, float32 (dimension,), or those of its tokens or words."""

Write = Callable[[str, Any], None]
"""Writes a text and its `Embedding`."""

_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER_SIZE = 128  # bytes, of which numpy wants a multiple of 64: room for any count


def json_lines(stream: TextIO) -> Write:
    """Writes ``{"text", "embedding"}`` a line, or ``{"text", "tokens", "offsets", "embeddings"}``."""

    def write(text: str, found: Embedding) -> None:
        stream.write(render_json(text, found))

    return write


def render_json(text: str, found: Embedding) -> str:
    """One JSON object. Numbers have the fewest digits that give their float32 back."""
    row: dict[str, object] = {"text": text}
    if isinstance(found, TokenEmbeddings):
        row |= {"tokens": found.tokens, "offsets": found.offsets, "embeddings": _digits(found.vectors)}
    else:
        row["embedding"] = _digits(found)
    return json.dumps(row, ensure_ascii=False) + "\n"


@contextmanager
def npy_file(path: Path, dimension: int) -> Iterator[Write]:
    """A ``.npy`` file of one vector a text, float32 (n, dimension), which appears whole or not at all.

    Its header, format version 1.0, is written again when n is known:
    https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

    Raises:
        InputError: the file cannot be written there.
    """
    count = 0
    with bytes_written_whole(path) as stream:

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
