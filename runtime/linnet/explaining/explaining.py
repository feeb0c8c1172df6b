"""Explains a text: runs its variants, and gives each word its contribution."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from ..arrays import Floats
from ..errors import InputError
from ..fields import meant
from ..postprocessing.scores import Head
from ..postprocessing.words import read_words
from ..tokenization.encoding import Encoding
from .explanation import Explanation
from .methods import method_of
from .variants import Variants

Logits = Callable[[Iterator[str], int], Iterable[Floats]]
"""A function: texts, and how many they are → their logits, float32 (some texts, labels), in order."""


def explain(
    text: str, encoding: Encoding, logits: Logits, head: Head, *, label: str | None, method: str, permutations: int
) -> Explanation:
    """Returns what each word of a text contributes to a label.

    Args:
        text: the user's text.
        encoding: its encoding, with trimmed offsets.
        logits: runs texts.
        head: the labels, and how logits become scores.
        label: the label to explain; None for the text's own.
        method: one of `METHODS`.
        permutations: the number of orders that Shapley values of longer texts are sampled from.
    """
    _check_label(label, head)
    spans = tuple(read_words(text, encoding))
    chosen, variants = method_of(method, len(spans), permutations), Variants(text, spans, truncated=encoding.truncated)
    found = np.concatenate([*logits(variants.texts(chosen.variants()), chosen.count + 2)])
    scores = head.scores(found)
    column = int(scores[0].argmax()) if label is None else head.labels.index(label)
    values = np.stack([found[:, column], scores[:, column]], axis=1).astype(np.float64)
    contributions, errors = chosen.contributions(values[0], values[1], values[2:])
    (logit, score), (base, base_score) = values[:2].tolist()
    return Explanation(
        text=text,
        label=head.labels[column],
        method=method,
        words=tuple(text[slice(*span)] for span in spans),
        spans=spans,
        contributions=tuple(contributions[:, 0].tolist()),
        score_contributions=tuple(contributions[:, 1].tolist()),
        errors=tuple(errors[:, 0].tolist()),
        logit=logit,
        base=base,
        score=score,
        base_score=base_score,
        truncated=encoding.truncated,
    )


def _check_label(label: str | None, head: Head) -> None:
    if label is not None and label not in head.labels:
        remedy = meant(label, head.labels, "name one of these")
        raise InputError(f"expected label to be one of {', '.join(head.labels)}, found {label!r}; {remedy}")
