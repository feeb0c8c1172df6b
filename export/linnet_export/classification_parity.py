"""Parity of a classifier: its labels and scores against the original's."""

from collections.abc import Sequence

import numpy as np
from linnet import Classifier
from linnet.postprocessing import Floats, Head
from linnet.session import Session

from linnet_export.comparison import Comparison, chunks, graph_outputs
from linnet_export.criteria import LOGIT_DRIFT, LOGIT_DRIFT_NAME, Criterion, equal, share
from linnet_export.decisions import decisions, margins
from linnet_export.errors import CheckpointError
from linnet_export.reference import Reference

CLEAR_MARGIN = 0.1
"""From this margin on, the original is taken to be sure of its label."""


def compare(reference: Reference, fp32: Session, bundle: Classifier, texts: Sequence[str]) -> Comparison:
    """Runs the texts through all three.

    Raises:
        CheckpointError: the bundle and the checkpoint differ in their number of labels.
    """
    if len(bundle.labels) != len(reference.head.labels):
        raise CheckpointError(
            f"expected the checkpoint of the bundle, with {len(bundle.labels)} labels, "
            f"found one with {len(reference.head.labels)}: name the one that it was converted from"
        )
    same_ids, fp32_drift, logits = [], 0.0, [np.empty((0, len(bundle.labels)), dtype=np.float32)]
    for chunk in chunks(texts):
        encodings = reference.encode(chunk)
        same_ids += equal(reference.bundle_ids(encodings), [found.ids for found in bundle.encode(chunk)])
        original = np.stack(reference.outputs(encodings))
        graph = np.stack(graph_outputs(fp32, encodings, reference))
        fp32_drift = float(np.maximum(fp32_drift, np.abs(graph - original).max()))  # which hands NaN on
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
    """Labels that hardly ever change agree whatever a graph computes; its logits do not."""
    spread = max(float(original.std(axis=0).mean()), 1e-6) if len(original) else 1.0
    drift = float(np.abs(original - bundle).mean()) / spread if len(original) else 0.0
    return Criterion(LOGIT_DRIFT_NAME, drift, LOGIT_DRIFT, at_least=False, n=len(original))


def _criteria(original: Head, expected: Floats, bundle: Head, found: Floats) -> list[Criterion]:
    agrees = equal(decisions(original, expected), decisions(bundle, found))
    clear = [agree for agree, margin in zip(agrees, margins(original, expected), strict=True) if margin > CLEAR_MARGIN]
    return [
        share("labels in their place", equal(original.labels, bundle.labels), 1.0),
        share("label agreement", agrees, 0.95),
        share(f"label agreement where the margin exceeds {CLEAR_MARGIN}", clear, 0.98),
    ]
