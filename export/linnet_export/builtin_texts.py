"""The texts that every bundle is proven on, written for this project."""

import json
from functools import cache
from importlib.resources import files


@cache
def builtin_texts() -> tuple[str, ...]:
    """Some 220 texts in a dozen and a half languages, and the oddities that tokenizers meet."""
    lines = files("linnet_export").joinpath("builtin_texts.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
    rows = [json.loads(line) for line in lines]
    return tuple(row["text"] * row.get("repeat", 1) for row in rows)
