"""Renders hidden states and attentions as the lines that the command line prints."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from ...notes import counted
from ...postprocessing.internals import Internals
from ..formats.aligned import aligned, one_line

_BAR = 24
"""The length of a bar for a token that gets all attention, in characters."""


def render_json(found: Internals) -> str:
    """Returns one JSON object: the text, its tokens and offsets, and both arrays as nested lists.

    Numbers have the fewest digits that still give the same float32.
    """
    row = {
        "text": found.text,
        "tokens": found.tokens,
        "offsets": found.offsets,
        "truncated": found.truncated,
        "hidden_states": _digits(found.hidden_states),
        "attentions": _digits(found.attentions),
    }
    return json.dumps(row, ensure_ascii=False)


def render(found: Internals) -> str:
    """Returns the text, the sizes, and a line for each token: how much the first token attends to it."""
    layers, heads = found.attentions.shape[:2]
    sizes = ", ".join(
        [
            counted(layers, "layer"),
            counted(heads, "head"),
            counted(found.hidden_states.shape[-1], "dimension"),
            counted(len(found.tokens), "token"),
        ]
    )
    rows = [
        [f"{share:.3f}", token, "█" * round(_BAR * share)]
        for token, share in zip(found.tokens, found.attention.tolist(), strict=True)
    ]
    table = aligned(["attention", "token", ""], rows)
    return "\n".join([one_line(found.text), sizes, *(f"  {line}" for line in table), ""])


def _digits(values: npt.NDArray[np.float32]) -> Any:
    return values.astype(str).astype(float).tolist()
