"""A bundle, and texts with labels of any kind → a head for these labels, and the bundle that has it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np

from ...arrays import Floats
from ...bundle.deriving import Changes
from ...bundle.opening import Bundle
from ...errors import BundleFormatError, InputError
from ...fields import shown
from ...inference.network import Network
from ...inference.permitted import check_permitted
from ...pipeline import Encoder
from ...tasks import CLASSIFICATION
from ...texts import as_texts
from ..evaluation.answers import distinct
from ..evaluation.evaluating import Metrics, metrics
from ..evaluation.intervals import Measure
from ..evaluation.metrics import Cells
from ..folds import FOLDS, Indices, folds_of
from .graphs import features_model, features_of_classifier, features_of_embedder, with_head
from .regression import Head, cross_validated, fitted, rotated

LEAST_TEXTS = 8
"""The fewest texts of a label: with fewer, the figures of the cross-validation say little."""
MOST_LABELS = 1000
_LONGEST_LABEL = 200  # characters
_MOST_TOLD = 10  # labels in a message


@dataclass(frozen=True)
class Adaptation:
    """A new head of a bundle, and how it answers texts that it was not fitted on."""

    labels: tuple[str, ...]
    """The labels, in the order of the logits: sorted."""
    head: Head
    """The head."""
    figures: Metrics
    """By cross-validation: each text is answered by a head that was fitted, and whose penalty was chosen, without it."""
    penalty: float
    """The penalty on squared weights."""
    truncated: int
    """The texts that are longer than the model reads."""
    _features: Network = field(repr=False)

    @property
    def most_frequent(self) -> float:
        """The accuracy of always answering with the most frequent label."""
        return max(label.support for label in self.figures.labels) / self.figures.rows

    @property
    def model(self) -> bytes:
        """The content of the new bundle's ONNX graph, over the bundle's weights."""
        return with_head(self._features, self.head.weights, self.head.bias)

    def features_model(self) -> bytes:
        """Returns the content of an ONNX graph that gives the features: float32 (batch, features)."""
        return features_model(self._features)


def adapt(
    bundle: Bundle,
    texts: Iterable[str],
    labels: Iterable[str],
    *,
    threads: int | None = None,
    preprocess: bool = True,
    progress: Callable[[int], object] | None = None,
) -> Adaptation:
    """Fits a head for the labels of texts on what a bundle's encoder says of them; the encoder stays as it is.

    Args:
        bundle: a bundle for classification or embeddings.
        texts: at least `LEAST_TEXTS` of each label.
        labels: the label of each text.
        threads: the number of threads; by default the value of ``LINNET_THREADS``, else one per processor.
        preprocess: False if the texts are already prepared.
        progress: receives the number of texts that were just encoded.

    Raises:
        InputError: there are too few texts of a label, or fewer than two labels; or the bundle has no head that can be
            replaced.
        BundleFormatError: the bundle's files cannot be loaded.
    """
    given, told = as_texts(texts), list(labels)
    names = _checked(given, told)
    network = _network(bundle)
    features, truncated = _features(bundle, network, given, threads, preprocess, progress)
    index = {name: number for number, name in enumerate(names)}
    truths = np.array([index[label] for label in told], dtype=np.int64)
    found = rotated(features)
    judged = cross_validated(found, truths, folds_of(given, truths), len(names))
    return Adaptation(
        labels=names,
        head=fitted(found, truths, len(names), judged.penalty),
        figures=_figures(truths, judged.probabilities.argmax(axis=1), names),
        penalty=judged.penalty,
        truncated=truncated,
        _features=network,
    )


def changes_of(bundle: Bundle, found: Adaptation) -> Changes:
    """Returns what is different in the bundle with the new head."""
    settings = replace(bundle.settings, task=CLASSIFICATION, embedding=None, calibration=None)
    figures = {
        "texts": found.figures.rows,
        "folds": FOLDS,
        "penalty": found.penalty,
        "accuracy": found.figures.accuracy.value,
        "macro_recall": found.figures.macro_recall.value,
        "most_frequent": found.most_frequent,
        "labels": {
            each.label: {"texts": each.support, "recall": each.recall.value, "precision": each.precision.value}
            for each in found.figures.labels
        },
    }
    return Changes(
        command="adapt",
        settings=settings,
        figures=figures,
        title="Adapted to other labels",
        card=_card(found),
        config=_config(bundle.config, found.labels),
        model=found.model,
    )


def _checked(texts: Sequence[str], labels: Sequence[str]) -> tuple[str, ...]:
    """Returns the distinct labels, sorted."""
    if len(texts) != len(labels):
        raise InputError(f"expected a label for each text, found {len(texts):,} texts and {len(labels):,} labels")
    for row, label in enumerate(labels):
        if not isinstance(label, str) or not label.strip() or not label.isprintable() or len(label) > _LONGEST_LABEL:
            raise InputError(
                f"text {row}: expected a label of at most {_LONGEST_LABEL} characters in one line, "
                f"found {shown(label)}; name its label, or leave the text out"
            )
    counts = Counter(label for _, label in set(zip(texts, labels, strict=True)))
    if not 2 <= len(counts) <= MOST_LABELS:
        raise InputError(
            f"expected 2 to {MOST_LABELS:,} labels, found {len(counts):,}; "
            "give texts with a label each, and name the column of the labels"
        )
    if rare := {label: count for label, count in sorted(counts.items()) if count < LEAST_TEXTS}:
        remedy = "add texts of these labels, or leave the labels out"
        if len(rare) > _MOST_TOLD:  # texts or ids look like many labels
            remedy += "; if these are no labels, name the column of the labels"
        raise InputError(
            f"expected at least {LEAST_TEXTS} different texts of each label, found {_told(rare)}; {remedy}"
        )
    return tuple(sorted(counts))


def _told(rare: Mapping[str, int]) -> str:
    """Returns how many texts some labels have, in words."""
    told = [f"{count} of {shown(label)}" for label, count in islice(rare.items(), _MOST_TOLD)]
    more = [f"too few of {len(rare) - _MOST_TOLD:,} others"] if len(rare) > _MOST_TOLD else []
    *parts, last = told + more
    return f"{', '.join(parts)} and {last}" if parts else last


def _network(bundle: Bundle) -> Network:
    """Returns what computes the features of a bundle's texts."""
    model = bundle.model
    check_permitted(bundle.graph, model)
    try:
        if bundle.settings.embedding:
            return features_of_embedder(model, bundle.settings.embedding)
        return features_of_classifier(model)
    except ValueError as error:
        if isinstance(error, InputError):
            raise InputError(f"{bundle.path}: {error}") from None
        raise BundleFormatError(f"{bundle.graph}: {error}; convert the checkpoint again") from None


def _features(
    bundle: Bundle,
    network: Network,
    texts: Sequence[str],
    threads: int | None,
    preprocess: bool,
    progress: Callable[[int], object] | None,
) -> tuple[Floats, int]:
    """Returns the features, float32 (texts, features), and how many texts were truncated."""

    def finish(row: Floats) -> Floats:
        if row.ndim != 1:
            raise InputError(
                f"{bundle.path}: expected a head that reads one vector for each text, found one that reads "
                f"{row.ndim} dimensions; adapt another bundle"
            )
        if progress:
            progress(1)
        copy: Floats = row.copy()
        return copy

    encoder = Encoder(bundle, task=bundle.settings.task, threads=threads, model=features_model(network))
    parts = list(encoder.rows(texts, finish, preprocess=preprocess))
    return np.concatenate([part.values for part in parts]), sum(each.truncated for part in parts for each in part.read)


def _figures(truths: Indices, predicted: Indices, labels: tuple[str, ...]) -> Metrics:
    (rows, bests), counts = distinct(truths.astype(np.uint16), predicted.astype(np.uint16))
    return metrics(Cells(rows, bests, counts, len(labels)), labels)


def _config(config: Mapping[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    """Returns the content of ``config.json`` with other labels, of which each text has one."""
    kept = {key: value for key, value in config.items() if key not in ("num_labels", "problem_type")}
    if isinstance(names := config.get("architectures"), list):
        kept["architectures"] = [re.sub(r"(For\w+|Model)$", "ForSequenceClassification", str(name)) for name in names]
    return {
        **kept,
        "id2label": {str(index): label for index, label in enumerate(labels)},
        "label2id": {label: index for index, label in enumerate(labels)},
    }


def _card(found: Adaptation) -> str:
    figures = found.figures
    rows = "\n".join(
        f"| {_cell(each.label)} | {each.support} | {each.recall.value:.1%} | {each.precision.value:.1%} |"
        for each in figures.labels
    )
    return (
        f"The head was replaced: a multinomial logistic regression on the frozen encoder's features, fitted on "
        f"{figures.rows:,} texts with {len(found.labels)} labels. By {FOLDS}-fold cross-validation:\n\n"
        f"- **Accuracy**: {_interval(figures.accuracy)}; always the most frequent label: {found.most_frequent:.1%}\n"
        f"- **Macro recall**: {_interval(figures.macro_recall)}\n\n"
        f"| label | texts | recall | precision |\n|---|---|---|---|\n{rows}"
    )


def _interval(measure: Measure) -> str:
    return f"{measure.value:.1%} (95 % interval {measure.low:.1%} to {measure.high:.1%})"


def _cell(text: str) -> str:
    """Returns a text as a cell of a table in Markdown."""
    return re.sub(r"([\\|`*_<\[\]])", r"\\\1", text)
