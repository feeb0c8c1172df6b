"""The built-in texts on which the parity of every bundle is measured, written for this project."""

import json
from functools import cache
from importlib.resources import files


@cache
def builtin_texts() -> tuple[str, ...]:
    """Returns about 220 texts in about 18 languages, including unusual input for tokenizers."""
    lines = files("linnet_export").joinpath("builtin_texts.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
    rows = [json.loads(line) for line in lines]
    return tuple(row["text"] * row.get("repeat", 1) for row in rows)
