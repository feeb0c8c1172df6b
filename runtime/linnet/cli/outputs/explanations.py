"""Explanations → what is added to rows, and the lines that people read."""

from typing import Any

from ...explaining.explanation import Explanation
from ..formats.aligned import aligned, one_line
from .answers import Answers

_FOR, _AGAINST = (194, 157, 114), (224, 217, 210)
"""Background colours of a terminal with 256 colours, from pale to strong: green for a label, red against it."""

_BLACK, _PLAIN = "\033[38;5;16m", "\033[0m"

_BAR = 12
"""The length of the longest bar, in characters."""


_NAMES = ("label", "score", "base_score", "logit", "base", "method", "truncated")
"""What is written of an explanation beside its words."""


def explanation_answers() -> Answers[Explanation]:
    """Returns what is added to a row: the label, and for each word its place and its contributions."""

    def members(found: Explanation) -> list[Any]:
        return [*(getattr(found, name) for name in _NAMES), _words(found)]

    def arrays(found: list[Explanation]) -> list[Any]:
        from .parquet import explanation_arrays  # here, because it imports an extra

        return explanation_arrays([members(one) for one in found])

    keys = (*_NAMES, "words")
    return Answers(keys=keys, members=members, names=keys, cells=members, arrays=arrays)


def _words(found: Explanation) -> list[dict[str, Any]]:
    return [
        {
            "word": word,
            "start": start,
            "end": end,
            "contribution": contribution,
            "score_contribution": score,
            "error": error,
        }
        for word, (start, end), contribution, score, error in zip(
            found.words, found.spans, found.contributions, found.score_contributions, found.errors, strict=True
        )
    ]


def render(found: Explanation, *, coloured: bool) -> str:
    """Returns the text with its label, and a table with a line for each word; with ``coloured``, for a terminal.

    A blank line ends it.
    """
    head = (
        f"{one_line(found.label)} {found.score:.3f}: logit {_signed(found.logit)}, {_signed(found.base)} without words"
    )
    text = _coloured(found) if coloured else one_line(found.text)
    table = aligned(*_table(found)) if found.words else ["There is no word to explain."]
    return "\n".join([head, text, *(f"  {line}" for line in table), "", ""])


def _table(found: Explanation) -> tuple[list[str], list[list[str]]]:
    sampled = found.error > 0
    greatest = _greatest(found)
    rows = [
        [
            _signed(contribution),
            *([f"±{error:.3f}"] if sampled else []),
            _signed(score),
            word,
            ("█" if contribution > 0 else "░") * round(_BAR * abs(contribution) / greatest),
        ]
        for word, contribution, score, error in zip(
            found.words, found.contributions, found.score_contributions, found.errors, strict=True
        )
    ]
    return ["logit", *(["error"] if sampled else []), "score", "word", ""], rows


def _coloured(found: Explanation) -> str:
    """Returns the text with a background for each word that contributes at least a sixth of the greatest."""
    greatest, parts, place = _greatest(found), list[str](), 0
    for (start, end), contribution in zip(found.spans, found.contributions, strict=True):
        shade = round(3 * abs(contribution) / greatest)
        word = one_line(found.text[start:end])
        if shade:
            colours = _FOR if contribution > 0 else _AGAINST
            word = f"\033[48;5;{colours[shade - 1]}m{_BLACK}{word}{_PLAIN}"
        parts += [one_line(found.text[place:start]), word]
        place = end
    return "".join([*parts, one_line(found.text[place:])])


def _greatest(found: Explanation) -> float:
    return max(map(abs, found.contributions), default=0.0) or 1.0


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
