"""What both kinds of parity share: the measured values, and the outputs of the fp32 graph, in chunks of texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from linnet.arrays import Floats
from linnet.inference.batching import batches
from linnet.inference.session import Session

from linnet_export.parity.criteria import Criterion
from linnet_export.parity.reference import OriginalEncoding, Reference

_CHUNK = 256
"""The number of texts compared at a time: the hidden states of all texts do not fit into memory."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """The differences between a bundle and its original, text by text."""

    same_ids: list[bool]
    """Whether each text has the original's ids."""
    fp32_drift_name: str
    """The name of the criterion on ``fp32_drift``."""
    fp32_drift: float
    """The greatest difference between the fp32 graph and the original."""
    drift_name: str
    """The name of the quantity that ``drift`` and ``mean_drift`` measure."""
    drift: Floats
    """The difference between the bundle and the original on each text: float32 (n,)."""
    mean_drift: float
    """The mean difference between the bundle and the original."""
    original: list[str]
    """The original's result for each text, in a word."""
    bundle: list[str]
    """The bundle's result for each text, in a word."""
    criteria: list[Criterion]
    """The criteria of the task."""


def chunks(texts: Sequence[str], size: int = _CHUNK) -> Iterator[Sequence[str]]:
    """Yields the texts in chunks of ``size``."""
    return (texts[start : start + size] for start in range(0, len(texts), size))


def graph_outputs(session: Session, encodings: Sequence[OriginalEncoding], reference: Reference) -> list[Floats]:
    """Returns a graph's outputs for the original's own ids, in the form of `Reference.outputs`.

    Each unknown token is replaced by an id without an embedding if the graph maps such ids to the unknown token, so
    that the mapping is tested too.
    """
    settings, beyond = reference.settings, reference.checkpoint.config.vocab_size
    ids = [
        [beyond if index == settings.unk_token_id else index for index in found]
        for found in reference.bundle_ids(encodings)
    ]
    outputs: list[Floats] = [np.empty(0, dtype=np.float32)] * len(ids)
    for batch in batches(ids):
        for row, output in zip(batch.rows.tolist(), session.run(batch), strict=True):
            outputs[row] = output
    return outputs
