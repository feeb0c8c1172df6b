"""Random changes of bytes and of JSON."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

ODD: list[Callable[[random.Random], Any]] = [
    lambda chance: chance.choice([None, True, False, {}, [], "", 0, -1, 1.5, -1e308, "\0", "\n", "a" * 10_000]),
    lambda chance: chance.choice([1, -1]) * (1 << chance.choice([7, 8, 15, 16, 31, 32, 63, 64, 100])),
    lambda chance: 10 ** chance.randrange(40),
    lambda chance: chance.choice(["../a", "/dev/zero", "a" * 300, "\ud800", "\u202e", "none", "mean", "roberta"]),
    lambda chance: [chance.randrange(300) for _ in range(chance.randrange(2000))],
    lambda chance: {str(number): number for number in range(chance.randrange(2000))},
]


def changed_bytes(content: bytes, chance: random.Random) -> bytes:
    """Returns the content with a few bytes changed, a part left out, or a part twice."""
    start = chance.randrange(len(content) + 1)
    end = min(len(content), start + chance.choice([1, 2, 8, 100, 5000]))
    kind = chance.randrange(3)
    if kind == 0:
        return content[:start] + chance.randbytes(end - start) + content[end:]
    return content[:start] + content[end:] if kind == 1 else content[:end] + content[start:]


def changed_json(value: Any, chance: random.Random) -> Any:
    """Returns JSON with one odd value, left-out key or repeated element, at a random place."""
    if isinstance(value, dict | list) and value and chance.random() < 0.9:
        keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = chance.choice(keys)
        copy = value.copy()
        if chance.random() < 0.1:
            del copy[key]
        else:
            copy[key] = changed_json(value[key], chance)
        return copy
    return chance.choice(ODD)(chance)


def spoil_json(file: Path, chance: random.Random) -> None:
    """Changes a JSON file: its values, or its bytes."""
    content = file.read_bytes()
    if chance.random() < 0.7:
        value = json.loads(content)
        for _ in range(chance.choice([1, 1, 2, 5])):
            value = changed_json(value, chance)
        content = json.dumps(value, indent=chance.choice([None, 2])).encode()
    else:
        content = changed_bytes(content, chance)
    file.write_bytes(content)
