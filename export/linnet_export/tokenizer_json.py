"""``tokenizer.json`` that reads back as exactly the tokenizer that was saved.

`tokenizers` reads numbers with a parser that rounds twice: of a Unigram model's scores, one in seven
comes back a last bit away from what was written, and where two segmentations tie, that bit chooses.
Each score is therefore written with those digits that this parser makes the very same number of.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tokenizers

from linnet_export.errors import CheckpointError

_POWERS = [10.0**exponent for exponent in range(23)]  # exact in a float64, all of them
_PLACEHOLDER = "scores written exactly"


def save_exactly(tokenizer: tokenizers.Tokenizer, file: Path) -> None:
    """Writes the tokenizer so that reading it gives it back.

    Raises:
        CheckpointError: `tokenizers` reads something else all the same.
    """
    save_state(json.loads(tokenizer.to_str()), file)


def save_state(state: dict[str, Any], file: Path) -> None:
    """The same of a tokenizer's JSON.

    Raises:
        CheckpointError: `tokenizers` reads something else all the same.
    """
    file.write_text(_exact_json(state), encoding="utf-8")
    if not _same(state, json.loads(tokenizers.Tokenizer.from_file(str(file)).to_str())):
        raise CheckpointError(
            f"the tokenizer changes when it is written to {file.name} and read by tokenizers {tokenizers.__version__}"
        )


def _same(written: Any, read: Any) -> bool:
    """Equality, but for the last bit of the few numbers that no digits give: 56 of XLM-R's 250,002."""
    if isinstance(written, dict) and isinstance(read, dict):
        return written.keys() == read.keys() and all(_same(written[key], read[key]) for key in written)
    if isinstance(written, list) and isinstance(read, list):
        return len(written) == len(read) and all(map(_same, written, read))
    if isinstance(written, float) and isinstance(read, float):
        return abs(written - read) <= math.ulp(written)
    return bool(written == read)


def _exact_json(state: dict[str, Any]) -> str:
    model = state["model"]
    if model["type"] != "Unigram":
        return json.dumps(state, ensure_ascii=False, indent=2)
    pieces: list[tuple[str, float]] = model["vocab"]
    rows = (f"      [{json.dumps(piece, ensure_ascii=False)}, {exact_literal(score)}]" for piece, score in pieces)
    skeleton = json.dumps({**state, "model": {**model, "vocab": _PLACEHOLDER}}, ensure_ascii=False, indent=2)
    return skeleton.replace(f'"{_PLACEHOLDER}"', "[\n" + ",\n".join(rows) + "\n    ]")


def exact_literal(value: float) -> str:
    """Decimal digits that `tokenizers` reads as ``value``, and a correct parser too wherever such digits exist."""
    fallback = shortest = repr(value)
    if "e" not in shortest and _as_read(shortest) == value:
        return shortest
    for literal in _literals_near(value):
        if _as_read(literal) == value:
            if float(literal) == value:
                return literal
            fallback = literal if fallback == shortest else fallback
    return fallback


def _literals_near(value: float) -> Iterator[str]:
    """Ways to write a number that round to it or to a neighbour, none of more than 64 bits of digits."""
    sign = "-" * (value < 0)
    numerator, denominator = abs(value).as_integer_ratio()
    for decimals in reversed(range(1, len(_POWERS))):
        nearest = numerator * 10**decimals // denominator
        if nearest >> 64:
            continue
        spacing = max(1, nearest >> 53)
        for digits in range(max(0, nearest - 4 * spacing), nearest + 5 * spacing, spacing):
            text = str(digits).rjust(decimals + 1, "0")
            yield f"{sign}{text[:-decimals]}.{text[-decimals:]}"


def _as_read(literal: str) -> float:
    """What `tokenizers` makes of it: all digits as one integer, rounded, over a power of ten, rounded again."""
    whole, _, fraction = literal.removeprefix("-").partition(".")
    value = float(int(whole + fraction)) / _POWERS[len(fraction)]
    return -value if literal.startswith("-") else value
