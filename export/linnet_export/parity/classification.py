"""Parity of a classifier: compares its labels and scores with those of the original."""

from collections.abc import Sequence

import numpy as np
from linnet import Classifier
from linnet.arrays import Floats
from linnet.inference.session import Session
from linnet.postprocessing.scores import Head

from linnet_export.errors import CheckpointError
from linnet_export.parity.comparison import Comparison, chunks, graph_outputs
from linnet_export.parity.criteria import (
    CLEAR_LABEL_AGREEMENT,
    CLEAR_MARGIN,
    LABEL_AGREEMENT,
    LOGIT_DRIFT,
    LOGIT_DRIFT_NAME,
    Criterion,
    equal,
    share,
)
from linnet_export.parity.decisions import decisions, margins
from linnet_export.parity.reference import Reference


def compare(reference: Reference, fp32: Session, bundle: Classifier, texts: Sequence[str]) -> Comparison:
    """Compares the original, the fp32 graph and the bundle on the texts.

    Raises:
        CheckpointError: the bundle and the checkpoint have different numbers of labels.
    """
    if len(bundle.labels) != len(reference.head.labels):
        raise CheckpointError(
            f"expected the bundle's checkpoint, with {len(bundle.labels)} labels, "
            f"found one with {len(reference.head.labels)}: name the checkpoint that the bundle was converted from"
        )
    same_ids, fp32_drift, logits = [], 0.0, [np.empty((0, len(bundle.labels)), dtype=np.float32)]
    for chunk in chunks(texts):
        encodings = reference.encode(chunk)
        same_ids += equal(reference.bundle_ids(encodings), [found.ids for found in bundle.encode(chunk)])
        original = np.stack(reference.outputs(encodings))
        graph = np.stack(graph_outputs(fp32, encodings, reference))
        fp32_drift = float(np.maximum(fp32_drift, np.abs(graph - original).max()))  # np.maximum propagates NaN
        logits.append(original)
    of_original, of_bundle = np.concatenate(logits), bundle.logits(texts)
    expected, found = reference.head.scores(of_original), bundle.head.scores(of_bundle)
    drift = np.abs(expected - found)
    return Comparison(
        same_ids=same_ids,
        fp32_drift_name="fp32 graph, max |Δlogit|",
        fp32_drift=fp32_drift,
        drift_name="|Δscore|",
        drift=drift.max(axis=-1),
        mean_drift=float(drift.mean()),
        original=decisions(reference.head, expected),
        bundle=decisions(bundle.head, found),
        criteria=[_logit_criterion(of_original, of_bundle), *_criteria(reference.head, expected, bundle.head, found)],
    )


def _logit_criterion(original: Floats, bundle: Floats) -> Criterion:
    """Returns the criterion on logits; it also fails wrong graphs whose labels agree because they rarely vary."""
    spread = max(float(original.std(axis=0).mean()), 1e-6) if len(original) else 1.0
    drift = float(np.abs(original - bundle).mean()) / spread if len(original) else 0.0
    return Criterion(LOGIT_DRIFT_NAME, drift, LOGIT_DRIFT, at_least=False, n=len(original))


def _criteria(original: Head, expected: Floats, bundle: Head, found: Floats) -> list[Criterion]:
    agrees = equal(decisions(original, expected), decisions(bundle, found))
    clear = [agree for agree, margin in zip(agrees, margins(original, expected), strict=True) if margin > CLEAR_MARGIN]
    return [
        share("labels in their place", equal(original.labels, bundle.labels), 1.0),
        share("label agreement", agrees, LABEL_AGREEMENT),
        share(f"label agreement where the margin exceeds {CLEAR_MARGIN}", clear, CLEAR_LABEL_AGREEMENT),
    ]
