"""Changes of content: of bytes, of JSON, of Protocol Buffers, and of compact tokenizers."""

import json
import random
from typing import Any

import numpy as np
from linnet.inference.protobuf import as_varint, fields
from small_unigram import put_together, taken_apart

from fuzzing.values import changed_bytes, changed_json

LONGEST_INPUT = 1 << 15
"""Bytes to which an input may grow: longer ones are cut."""
_HEAVY = 0.02
"""The share of changes that put in something long, which takes a hundred times as long as the others."""
_LIGHT: list[Any] = [
    *(None, True, False, {}, [], "", 0, -1, 1.5, -1e308, 5e-324, "\0", "\n", "\ud800", "\u202e", "../a", "/dev/zero"),
    *(
        1 << 7,
        1 << 31,
        1 << 32,
        1 << 63,
        -(1 << 63),
        1 << 64,
        10**30,
        ["a"],
        [1, 2],
        {"a": 1},
        "none",
        "mean",
        "roberta",
    ),
]
_ODD_BYTES = [
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b'"', b'""', b"\n", b"\r\n", b"\t"),
    *(b",", b"{", b"}", b"[", b"]", b"[[", b'{"a":', b"1e999", b"NaN", b"-0", b"null", b"\\u0000", b'"a":1,"a":1'),
]
_LONG_BYTES = [b"[" * 2000, b'{"a":' * 1500, b"9" * 1200, b"a" * 5000, b"\n" * 3000]
_VARINTS = [0, 1, 2, 7, 8, 127, 128, 255, 1 << 31, (1 << 31) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
_DEEPEST = 6


def mutate_bytes(content: bytes, chance: random.Random) -> bytes:
    """Returns the content with random bytes changed, left out or repeated, or odd ones put in."""
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        if chance.random() < 0.3:
            at = chance.randrange(len(content) + 1)
            odd = chance.choice(_LONG_BYTES if chance.random() < _HEAVY else _ODD_BYTES)
            content = content[:at] + odd + content[at:]
        elif content and chance.random() < 0.3:
            at = chance.randrange(len(content))
            content = content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
        else:
            content = changed_bytes(content, chance)
    return content[:LONGEST_INPUT]


def mutate_json(content: bytes, chance: random.Random) -> bytes:
    """Returns JSON with other values, or, in one case of four or if it is none, with other bytes."""
    if chance.random() < 0.25:
        return mutate_bytes(content, chance)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return mutate_bytes(content, chance)
    for _ in range(chance.choice([1, 1, 2, 5])):
        value = light_json(value, chance)
    return json.dumps(value).encode()[:LONGEST_INPUT]


def light_json(value: Any, chance: random.Random) -> Any:
    """Returns JSON with one odd value, left-out key or repeated element; seldom a long one."""
    if chance.random() < _HEAVY:
        return changed_json(value, chance)
    if isinstance(value, dict | list) and value and chance.random() < 0.9:
        keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        key, copy = chance.choice(keys), value.copy()
        kind = chance.random()
        if kind < 0.1:
            del copy[key]
        elif kind < 0.15 and isinstance(copy, list):
            copy.append(copy[key])
        else:
            copy[key] = light_json(value[key], chance)
        return copy
    return chance.choice(_LIGHT)


def mutate_protobuf(content: bytes, chance: random.Random) -> bytes:
    """Returns a message with fields changed at any depth; the lengths around them stay right."""
    if chance.random() < 0.2:
        return mutate_bytes(content, chance)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        content = _changed_message(content, chance, 0)
    return content[:LONGEST_INPUT]


def _changed_message(message: bytes, chance: random.Random, depth: int) -> bytes:
    try:
        parts = [(number, inner, raw) for number, inner, raw in fields(message)]
    except ValueError:
        return mutate_bytes(message, chance)
    if not parts:
        return chance.randbytes(chance.randrange(4))
    at = chance.randrange(len(parts))
    number, inner, raw = parts[at]
    raws = [each for _, _, each in parts]
    kind = chance.random()
    if inner and kind < 0.7 and depth < _DEEPEST:
        changed = _changed_message(inner, chance, depth + 1)
        raws[at] = as_varint(number << 3 | 2) + as_varint(len(changed)) + changed
    elif kind < 0.8:
        del raws[at]
    elif kind < 0.87:
        raws.insert(chance.randrange(len(raws) + 1), raw)
    elif kind < 0.94:
        raws[at] = as_varint(number << 3) + as_varint(chance.choice(_VARINTS))
    else:
        other = chance.choice([number, chance.randrange(1, 30), chance.choice(_VARINTS[1:])])
        text = chance.choice([b"", b"/etc/passwd", b"../x", b"Loop", b"com.example", chance.randbytes(8), inner])
        raws.insert(at, as_varint((other << 3 | 2) & (1 << 64) - 1) + as_varint(len(text)) + text)
    return b"".join(raws)


def mutate_unigram(content: bytes, chance: random.Random) -> bytes:
    """Returns a compact tokenizer with changed settings and arrays, most often with the right checksum."""
    if chance.random() < 0.15:
        return mutate_bytes(content, chance)
    try:
        values, arrays = taken_apart(content)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return mutate_bytes(content, chance)
    for _ in range(chance.choice([1, 1, 2, 5])):
        if chance.random() < 0.3:
            key = chance.choice(sorted(values))
            # The file is UTF-8, which has no lone surrogates.
            values[key] = json.loads(json.dumps(light_json(values[key], chance)).replace("\\ud800", "?"))
        else:
            name = chance.choice(sorted(arrays))
            arrays[name] = _changed_array(arrays[name], chance)
    return put_together(values, arrays)


def _changed_array(array: "np.ndarray[Any, Any]", chance: random.Random) -> "np.ndarray[Any, Any]":
    """Returns an array with some numbers changed to odd ones, or with other bytes."""
    if len(array) and chance.random() < 0.6 and array.dtype.kind in "iu":
        changed, limits = array.copy(), np.iinfo(array.dtype)
        for _ in range(chance.choice([1, 1, 3])):
            odd = [0, 1, -1, len(array), limits.max, limits.min, int(chance.choice(array.tolist()))]
            changed[chance.randrange(len(array))] = min(max(chance.choice(odd), limits.min), limits.max)
        return np.asarray(changed)
    raw = changed_bytes(array.tobytes(), chance)
    return np.frombuffer(raw[: len(raw) // array.itemsize * array.itemsize], array.dtype)
