"""Writes a ``tokenizer.json`` that `tokenizers` reads back as exactly the same tokenizer.

`tokenizers` reads numbers with a parser that rounds twice: one in seven of a Unigram model's scores
comes back with a different last bit, and this bit decides between segmentations of equal score.
Each score is therefore written with digits that this parser reads as exactly the same number.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tokenizers
from linnet.errors import BundleFormatError
from linnet.fields import without_remedy
from linnet.tokenization.permitted import check_parts

from linnet_export.errors import CheckpointError

_POWERS = [10.0**exponent for exponent in range(23)]  # all exact in float64
_PLACEHOLDER = "scores written exactly"


def save_exactly(tokenizer: tokenizers.Tokenizer, file: Path) -> None:
    """Writes the tokenizer to a file that reads back as the same tokenizer.

    Raises:
        CheckpointError: `tokenizers` reads a different tokenizer.
    """
    save_state(json.loads(tokenizer.to_str()), file)


def save_state(state: dict[str, Any], file: Path) -> None:
    """Writes a tokenizer's JSON to a file that reads back as the same tokenizer.

    Raises:
        CheckpointError: `tokenizers` reads a different tokenizer, or it has a step that the runtime refuses.
    """
    file.write_text(_exact_json(state), encoding="utf-8")
    try:
        check_parts(file.read_bytes())
    except BundleFormatError as error:
        raise CheckpointError(
            f"the checkpoint's tokenizer cannot be part of a bundle: {without_remedy(error)}; choose a checkpoint with "
            "another tokenizer"
        ) from None
    if not _same(state, json.loads(tokenizers.Tokenizer.from_file(str(file)).to_str())):
        raise CheckpointError(
            f"the tokenizer changes when it is written to {file.name} and read by tokenizers {tokenizers.__version__}"
        )


def _same(written: Any, read: Any) -> bool:
    """Returns True if both are equal, up to the last bit: 56 of XLM-R's 250,002 numbers have no exact digits."""
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
    """Returns digits that `tokenizers` reads as ``value``, and a correct parser too if such digits exist."""
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
    """Yields decimal literals of the number or a close neighbour, with digits of at most 64 bits."""
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
    """Returns the number that `tokenizers` reads: all digits as a rounded integer, divided by a power of ten."""
    whole, _, fraction = literal.removeprefix("-").partition(".")
    value = float(int(whole + fraction)) / _POWERS[len(fraction)]
    return -value if literal.startswith("-") else value
