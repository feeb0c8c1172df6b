"""Texts of a fixed number of tokens: ``python -m benchmark.fixed_texts BUNDLE TOKENS…`` prints them as JSON.

A number beyond the model's limit becomes that limit.
"""

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import linnet

WORD = " good"


def text_of(model: "linnet.Classifier | linnet.Embedder", tokens: int) -> str:
    """A text that the model reads as exactly so many tokens, special ones included.

    Raises:
        SystemExit: no such text was found.
    """
    special = len(model.encode([""])[0].ids)
    for words in range(max(0, tokens - special - 2), tokens + 1):
        text = (WORD * words).strip()
        if len(model.encode([text])[0].ids) == tokens:
            return text
    raise SystemExit(f"expected a text of {tokens} tokens, found none that repeats {WORD!r}")


def main(bundle: str, *wanted: str) -> None:
    """Prints an object: the number of tokens, and the text."""
    import linnet

    model = linnet.load(bundle, threads=1)
    lengths = sorted({min(int(tokens), model.bundle.settings.max_length) for tokens in wanted})
    print(json.dumps({tokens: text_of(model, tokens) for tokens in lengths}))


if __name__ == "__main__":
    main(*sys.argv[1:])
