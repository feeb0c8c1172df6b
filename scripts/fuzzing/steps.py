"""Random steps in a ``tokenizer.json``: those that take long, take memory, or end the process."""

import base64
import json
import random
from pathlib import Path
from typing import Any

_EXPRESSIONS = [
    *("(a+)+b", "(a|a)*b", "(?:(?:a{100}){100}){100}", "(" * 500, "[", "a{99}", r"\s+", " {2,}", r"(?<=a{1,99})b"),
    *("[^a]+\\n?", "a+b?", ".*.*.*=.*", r"\p{L}+", "(?i)a", "[[:alpha:]]", "[a&&b]", ""),
]
_TEXTS = ["", "a", "aa", "a" * 100, "a" * 1_000_000, " ", "▁"]


def spoil_steps(file: Path, chance: random.Random) -> None:
    """Puts random steps into a part of the file, in the place that it has or after the model."""
    file.write_bytes(spoilt_steps(file.read_bytes(), chance))


def spoilt_steps(content: bytes, chance: random.Random) -> bytes:
    """Returns the content of a ``tokenizer.json`` with random steps in a part of it."""
    state = json.loads(content)
    part, key, step = chance.choice(
        [("normalizer", "normalizers", _normalizer), ("pre_tokenizer", "pretokenizers", _pre_tokenizer)]
    )
    steps = [step(chance) for _ in range(chance.choice([1, 1, 2, 3, 20]))]
    spoilt: Any = {"type": "Sequence", key: steps} if len(steps) > 1 or chance.random() < 0.3 else steps[0]
    if chance.random() < 0.3:
        state.pop(part, None)
    state[part] = spoilt
    return json.dumps(state, indent=chance.choice([None, 2])).encode()


def _normalizer(chance: random.Random) -> dict[str, Any]:
    return chance.choice(
        [
            {"type": "Replace", "pattern": _pattern(chance), "content": chance.choice(_TEXTS)},
            {"type": "Prepend", "prepend": chance.choice(_TEXTS)},
            {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap(chance)).decode()},
            {"type": chance.choice(["NFKC", "NFD", "Lowercase", "StripAccents", "Nmt", "Unheard"])},
        ]
    )


def _pre_tokenizer(chance: random.Random) -> dict[str, Any]:
    behavior = chance.choice(["Removed", "Isolated", "MergedWithPrevious", "Contiguous"])
    return chance.choice(
        [
            {"type": "Split", "pattern": _pattern(chance), "behavior": behavior, "invert": chance.random() < 0.5},
            {"type": "Metaspace", "replacement": chance.choice(_TEXTS), "prepend_scheme": "always", "split": True},
            {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            {"type": chance.choice(["Whitespace", "BertPreTokenizer", "UnicodeScripts", "Unheard"])},
        ]
    )


def _pattern(chance: random.Random) -> dict[str, str]:
    return chance.choice([{"Regex": chance.choice(_EXPRESSIONS)}, {"String": chance.choice(_TEXTS)}])


def charsmap(chance: random.Random) -> bytes:
    """Returns a map of characters that is garbage, or whose double array is."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(2000))
    units = b"".join(
        chance.choice([0, 1 << 8, 1 << 31, chance.randrange(1 << 32), chance.randrange(1 << 12)]).to_bytes(4, "little")
        for _ in range(256 * chance.choice([1, 2]))
    )
    size = chance.choice([len(units), len(units), len(units) + 4, 1 << 31])
    return size.to_bytes(4, "little") + units + chance.choice([b"a\0", b"", b"\0", "é\0b\0".encode(), b"a" * 9999])
