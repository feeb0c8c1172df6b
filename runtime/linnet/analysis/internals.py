"""Hidden states and attentions → an HTML page with heat maps for each text."""

from collections.abc import Sequence

import numpy as np

from ..arrays import Floats
from ..postprocessing.internals import Internals
from .heatmaps import LEVELS, heat_map, legend, small_map
from .page import escaped, note, page, paragraph, section

_MOST_TOKENS = 64
"""The most tokens of a text that are drawn: 12 layers of 12 heads then take 2 MB."""

_ABOUT = (
    "A square says how much the token of its row attends to the token of its column. A row adds up to 100 %; squares "
    f"below {100 * LEVELS[0]:.0f} % are left blank. Attention says what a layer reads, not what the answer depends on."
)
_ABOUT_CHANGES = (
    "A square says how far a layer turns the vector of a token: 1 − cosine of its vectors before and after the layer."
)


def internals_page(found: Sequence[Internals], model: str) -> str:
    """Returns a page with a section for each text; ``model`` names the bundle."""
    return page(f"Looking inside {model}", note(_ABOUT), legend(), *map(_section, found))


def _section(found: Internals) -> str:
    count = min(len(found.tokens), _MOST_TOKENS)
    tokens, layers = found.tokens[:count], len(found.attentions)
    told = "Coloured: how much the first token attends to each token in the last layer, in the mean over the heads."
    if found.truncated:
        told += " The text is longer than the model reads: only the tokens that it reads are shown."
    if count < len(found.tokens):
        told += f" The heat maps show the first {count} of {len(found.tokens)} tokens."
    parts = [f'<p class="text">{_text(found)}</p>', paragraph(told)]
    for layer in range(layers - 1, -1, -1):
        parts += _layer(f"Layer {layer + 1} of {layers}", found.attentions[layer, :, :count, :count], tokens)
    changes = heat_map(_changes(found)[:, :count], [f"layer {layer + 1}" for layer in range(layers)], tokens)
    parts += [f"<h3>What each layer changes</h3>{changes}", note(_ABOUT_CHANGES)]
    return section(found.text[:80] or "(an empty text)", *parts)


def _layer(name: str, attentions: Floats, tokens: Sequence[str]) -> list[str]:
    """Returns the mean over the heads, and the heads themselves, folded. ``attentions`` is (heads, tokens, tokens)."""
    heads = "".join(
        f"<figure>{small_map(head)}<figcaption>head {number}</figcaption></figure>"
        for number, head in enumerate(attentions, 1)
    )
    return [
        f"<h3>{name}: mean over its heads</h3>{heat_map(attentions.mean(axis=0), tokens, tokens)}",
        f'<details><summary>{name}: each head</summary><div class="maps">{heads}</div></details>',
    ]


def _changes(found: Internals) -> Floats:
    """Returns 1 − cosine of each token's vectors before and after each layer: float32 (layers, tokens)."""
    before, after = found.hidden_states[:-1], found.hidden_states[1:]
    lengths = np.linalg.norm(before, axis=-1) * np.linalg.norm(after, axis=-1)
    changes: Floats = 1 - (before * after).sum(axis=-1) / np.maximum(lengths, np.float32(1e-12))
    return changes


def _text(found: Internals) -> str:
    """Returns the user's text; the characters of each token have the colour of the attention that it gets."""
    parts, place = list[str](), 0
    for (start, end), share in zip(found.offsets, found.attention.tolist(), strict=True):
        if place <= start < end:
            shade = f"background: color-mix(in srgb, var(--accent) {min(1.0, 2 * share):.0%}, transparent)"
            marked = f'<span title="{share:.1%}" style="{shade}">{escaped(found.text[start:end])}</span>'
            parts += [escaped(found.text[place:start]), marked]
            place = end
    return "".join([*parts, escaped(found.text[place:])])
