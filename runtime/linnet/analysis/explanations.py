"""Explanations → an HTML page: each text with its words coloured, and what each word contributes."""

from collections.abc import Sequence

from ..explaining.explanation import Explanation
from .page import escaped, note, page, paragraph, section, table

_NOTES = {
    "leave-one-out": "A word's contribution is what the label's logit, or its score, loses when the word is removed.",
    "shapley": "A word's contribution is what it adds to the other words, in the mean over all orders in which words "
    "can be added. The contributions add up to the difference between the text and an empty text.",
}


def explanation_page(found: Sequence[Explanation], model: str) -> str:
    """Returns a page with a section for each text; ``model`` names the bundle."""
    legend = (
        f"<p>{_marked('Green', 1.0)} words speak for the label, {_marked('red', -1.0)} ones against it; "
        "the stronger the colour, the more.</p>"
    )
    notes = [note(_NOTES[method]) for method in dict.fromkeys(each.method for each in found)]
    return page(f"What each word contributes: {model}", legend, *notes, *map(_section, found))


def _section(found: Explanation) -> str:
    heading = f"{found.label}, score {found.score:.3f}"
    parts = [f'<p class="text">{_text(found)}</p>', _table(found)]
    told = f"The label's logit is {_signed(found.logit)}, and {_signed(found.base)} for an empty text."
    if found.error:
        told += f" The standard error of a contribution is at most {found.error:.3f}."
    if found.truncated:
        told += " The text is longer than the model reads: only the words that it reads are explained."
    return section(heading, *parts, paragraph(told))


def _text(found: Explanation) -> str:
    greatest = max(map(abs, found.contributions), default=0.0) or 1.0
    parts, place = list[str](), 0
    for (start, end), contribution in zip(found.spans, found.contributions, strict=True):
        word = _marked(found.text[start:end], contribution / greatest, _signed(contribution))
        parts += [escaped(found.text[place:start]), word]
        place = end
    return "".join([*parts, escaped(found.text[place:])])


def _marked(text: str, share: float, title: str = "") -> str:
    """Returns a text in the colour of its share of the greatest contribution, from -1 to 1."""
    colour = "for" if share > 0 else "against"
    shade = f"background: color-mix(in srgb, var(--{colour}) {abs(share) * 60:.0f}%, transparent)"
    return f'<span title="{title}" style="{shade}; border-radius: .2em; padding: .1em .15em">{escaped(text)}</span>'


def _table(found: Explanation) -> str:
    columns = ["word", "logit", *(["error"] if found.error else []), "score"]
    rows = [
        [word, _signed(contribution), *([f"{error:.3f}"] if found.error else []), _signed(score)]
        for word, contribution, score, error in zip(
            found.words, found.contributions, found.score_contributions, found.errors, strict=True
        )
    ]
    return table(columns, rows, texts=["word"])


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
