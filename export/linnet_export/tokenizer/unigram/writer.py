"""Writes a Unigram pipeline as the bytes of a compact tokenizer's file."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
from linnet.tokenization.unigram.layout import ALIGNMENT, DTYPES, HEAD, KINDS, MAGIC, VERSION

from linnet_export.tokenizer.unigram.double_array import character_codes, code_pages, double_array
from linnet_export.tokenizer.unigram.kinds import kinds_of_characters, ranges
from linnet_export.tokenizer.unigram.pipeline import Pipeline, UnsupportedError

_LONE = ((0x1100, 0x11FF), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0x1F1E6, 0x1F1FF))
"""Ranges of Hangul and regional indicators, which attach to others of their kind."""


def compact_tokenizer(pipeline: Pipeline, kept: Sequence[int] = ()) -> bytes:
    """Returns the content of the file; the same pipeline gives the same bytes.

    Args:
        pipeline: the pipeline with the whole vocabulary and the bundle's special tokens.
        kept: for each id of the whole vocabulary, the bundle's id or -1; empty if the bundle has every piece.

    Raises:
        UnsupportedError: the file format cannot hold the replaced characters or the characters of the pieces.
    """
    kinds = kinds_of_characters()
    replacements = _reachable(pipeline.replacements, kinds)
    codes = character_codes(pipeline.pieces)
    if len(codes) > np.iinfo(np.uint16).max:
        raise UnsupportedError(f"its pieces have too many different characters ({len(codes)})")
    arrays: dict[str, npt.ArrayLike] = {
        **double_array(pipeline.pieces, codes),
        **code_pages(codes),
        "score": pipeline.scores,
        "kept": kept,
        "mapped": _strings(replacements),
        "replacement": _strings(replacements.values()),
        **{kind: ranges(kinds[kind]) for kind in KINDS},
    }
    return assembled(_values(pipeline), {name: np.asarray(arrays[name], dtype) for name, dtype in DTYPES.items()})


def _reachable(replacements: Mapping[str, str], kinds: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Returns the replacements that can apply: of a character, or of a cluster that begins with no other one."""
    kept = {
        key: replacement
        for key, replacement in replacements.items()
        if len(key) == 1
        or (
            set(key[1:]) <= kinds["attaching"]
            and not any(key[:length] in replacements for length in range(1, len(key)))
        )
    }
    for first in {key[0] for key in kept}:
        short = len(first.encode()) == 2 and first in kinds["pictograph"]
        if short or first in kinds["prepended"] or any(low <= ord(first) <= high for low, high in _LONE):
            raise UnsupportedError(f"it replaces U+{ord(first):04X}, which forms grapheme clusters by special rules")
    if any(key.startswith("\r\n") for key in replacements):
        raise UnsupportedError("it replaces line breaks (\\r\\n)")
    return dict(sorted(kept.items()))


def _strings(strings: Any) -> npt.NDArray[np.uint8]:
    return np.frombuffer("".join(f"{string}\0" for string in strings).encode(), np.uint8)


def _values(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "added_tokens": [asdict(token) for token in pipeline.added_tokens],
        **{name: getattr(pipeline, name) for name in ("prefix", "suffix", "strip", "collapsed", "split")},
        "unk_id": pipeline.unk_id,
        "unk_score": pipeline.unk_score,
        "longest": max(map(len, pipeline.pieces)),
    }


def assembled(values: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Returns the content of a file with these settings and arrays, and with its checksum."""
    places: dict[str, tuple[int, int]] = {}
    content = b""
    for name, array in arrays.items():
        content += bytes(-len(content) % ALIGNMENT)
        places[name] = len(content), len(array)
        content += array.tobytes()
    head = json.dumps({**values, "arrays": places}, ensure_ascii=False).encode()
    head += b" " * (-(HEAD.size + len(head)) % ALIGNMENT)
    return HEAD.pack(MAGIC, VERSION, zlib.crc32(head + content), len(head)) + head + content
